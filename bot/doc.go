// Package bot is the centre of Ella: the domain types that every room shares
// and the ports through which the world is reached. It imports only
// bot/message; nothing here does I/O.
//
// # Words
//
// Member: anyone who talks to the bot. Leader: a member who answers for a
// group. Organiser: a member who may address many. Address: where a member is
// reached (account and chat). Account: a bot token, a workspace, or the try
// page; a row in the database. Organisation: whoever runs groups; several share
// one Ella. Group: a local organisation or branch in the directory.
// Signposting: pointing a member to groups. Action: something people turn up
// to. Alert: a message to an audience. Audience: the rule that picks
// recipients. Variant: an alert's text in one language. Delivery: one alert to
// one member. RSVP: yes, maybe or no to an action, with plus-ones. Locale: a
// language tag that a catalogue exists for. Room: a package under bot that owns
// one thing people come for, with its rules and its conversations. Turn: one
// update of one member, as a room sees it. Step: where a conversation stands.
//
// # One way
//
// adapter → Inbox → engine → Room → outbox → delivery → Adapter. A room never
// calls another room: what one causes in another is an Event, handled and
// committed in the same unit of work.
package bot
