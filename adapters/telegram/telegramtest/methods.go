package telegramtest

import "net/http"

// methods are what the bot can call, beside getUpdates, which waits.
var methods = map[string]func(*Server, *call) (any, *apiError){
	"getMe":                  (*Server).getMe,
	"setWebhook":             (*Server).setWebhook,
	"deleteWebhook":          (*Server).deleteWebhook,
	"getWebhookInfo":         (*Server).getWebhookInfo,
	"sendMessage":            (*Server).sendMessage,
	"sendPhoto":              (*Server).sendPhoto,
	"sendDocument":           (*Server).sendDocument,
	"sendVenue":              (*Server).sendVenue,
	"sendLocation":           (*Server).sendLocation,
	"sendChatAction":         (*Server).sendChatAction,
	"copyMessage":            (*Server).copyMessage,
	"forwardMessage":         (*Server).forwardMessage,
	"editMessageText":        (*Server).editMessageText,
	"editMessageCaption":     (*Server).editMessageCaption,
	"editMessageMedia":       (*Server).editMessageMedia,
	"editMessageReplyMarkup": (*Server).editMessageReplyMarkup,
	"deleteMessage":          (*Server).deleteMessage,
	"deleteMessages":         (*Server).deleteMessages,
	"answerCallbackQuery":    (*Server).answerCallbackQuery,
	"setMyCommands":          (*Server).setMyCommands,
	"getMyCommands":          (*Server).getMyCommands,
	"deleteMyCommands":       (*Server).deleteMyCommands,
	"setMyName":              (*Server).setMyName,
	"getMyName":              (*Server).getMyName,
	"setMyDescription":       (*Server).setMyDescription,
	"getMyDescription":       (*Server).getMyDescription,
	"setMyShortDescription":  (*Server).setMyShortDescription,
	"getMyShortDescription":  (*Server).getMyShortDescription,
	"getChat":                (*Server).getChat,
	"getChatMember":          (*Server).getChatMember,
	"leaveChat":              (*Server).leaveChat,
}

// do runs a method.
func (s *Server) do(r *http.Request, c *call, f Fault) (any, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e := s.instead(c, f); e != nil {
		return nil, e
	}
	if e := s.still(c, s.waits[c.method], s.now()); e != nil {
		return nil, e
	}
	if e := s.check(c); e != nil {
		return nil, e
	}
	if c.method == "getUpdates" {
		return s.getUpdates(r.Context(), c)
	}
	return methods[c.method](s, c)
}

func (s *Server) getMe(*call) (any, *apiError) {
	return wireMe{wireUser: s.bot, CanJoinGroups: true, ReadsAll: s.options.ReadsAll}, nil
}

func (s *Server) getChat(c *call) (any, *apiError) {
	of, e := s.chatOf(c, "chat_id")
	if e != nil {
		return nil, e
	}
	gifts := map[string]bool{}
	for _, kind := range []string{"unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels"} {
		gifts[kind] = false
	}
	return wireFullChat{of.wire(), 0, 11, gifts}, nil
}

func (s *Server) getChatMember(c *call) (any, *apiError) {
	of, e := s.chatOf(c, "chat_id")
	if e != nil {
		return nil, e
	}
	if of.kind != Private {
		if e := s.mayWrite(of); e != nil {
			return nil, e
		}
	}
	id := c.integer("user_id")
	switch is := of.members[id]; {
	case id == s.bot.ID && of.kind == Private:
		return s.member(id, Member), nil
	case id == s.bot.ID:
		return s.member(id, of.standing), nil
	case s.users[id] == nil:
		return nil, badRequest("user not found")
	case is == "" && of.owner != nil && of.owner.ID == id:
		return s.member(id, Member), nil
	case is == "":
		return s.member(id, Left), nil
	default:
		return s.member(id, is), nil
	}
}

func (s *Server) leaveChat(c *call) (any, *apiError) {
	of, e := s.chatOf(c, "chat_id")
	switch {
	case e != nil:
		return nil, e
	case of.kind == Private:
		return nil, badRequest("chat can't be left")
	}
	if e := s.mayWrite(of); e != nil {
		return nil, e
	}
	s.standing(of, s.bot.ID, Left)
	return true, nil
}
