package slacktest

// methods are those that the server has. Each is called with s.mu held.
var methods = map[string]func(*Server, *call) (obj, *apiError){
	"apps.connections.open":        (*Server).openConnection,
	"apps.uninstall":               (*Server).uninstall,
	"auth.revoke":                  (*Server).revoke,
	"auth.test":                    (*Server).authTest,
	"bots.info":                    (*Server).botsInfo,
	"chat.delete":                  (*Server).deleteMessage,
	"chat.postEphemeral":           (*Server).postEphemeral,
	"chat.postMessage":             (*Server).postMessage,
	"chat.update":                  (*Server).updateMessage,
	"conversations.info":           (*Server).conversationsInfo,
	"conversations.list":           (*Server).conversationsList,
	"conversations.members":        (*Server).conversationsMembers,
	"conversations.open":           (*Server).conversationsOpen,
	"files.completeUploadExternal": (*Server).completeUpload,
	"files.delete":                 (*Server).deleteFile,
	"files.getUploadURLExternal":   (*Server).getUploadURL,
	"files.info":                   (*Server).filesInfo,
	"oauth.v2.access":              (*Server).oauthAccess,
	"reactions.add":                (*Server).addReaction,
	"team.info":                    (*Server).teamInfo,
	"usergroups.list":              (*Server).usergroupsList,
	"usergroups.users.list":        (*Server).usergroupsUsersList,
	"users.info":                   (*Server).usersInfo,
	"users.list":                   (*Server).usersList,
	"views.open":                   (*Server).openView,
	"views.publish":                (*Server).publishView,
	"views.push":                   (*Server).pushView,
	"views.update":                 (*Server).updateView,
}

// reads are the methods that change nothing, which may be asked for with GET.
var reads = []string{
	"auth.test", "bots.info", "conversations.info", "conversations.list", "conversations.members", "files.getUploadURLExternal", "files.info",
	"team.info", "usergroups.list", "usergroups.users.list", "users.info", "users.list",
}
