package slack

import "encoding/json"

// pruned is an envelope with nothing in it that nobody asks for. Slack tells of every
// change of every profile in a workspace, with names and addresses of people who never
// wrote to Ella (https://docs.slack.dev/reference/events/user_change): of those not more
// is kept than whether somebody is still there, and their language and zone. Everything
// else stays as it came.
func pruned(frame []byte) []byte {
	e, ok := open(frame)
	if !ok || e.Type != typeEvents {
		return frame
	}
	var o struct {
		Type           string    `json:"type"`
		ID             string    `json:"event_id"`
		Time           int64     `json:"event_time"`
		Team           string    `json:"team_id"`
		Enterprise     string    `json:"enterprise_id,omitempty"`
		Authorizations []wireFor `json:"authorizations,omitempty"`
		Event          struct {
			Type string `json:"type"`
			User any    `json:"user"`
		} `json:"event"`
	}
	if json.Unmarshal(e.Payload, &o) != nil || o.Event.Type != "user_change" {
		return frame
	}
	o.Event.User = nil
	var whole wireOuter
	if json.Unmarshal(e.Payload, &whole) == nil {
		o.Event.User = whole.Event.user
	}
	payload, err := json.Marshal(o)
	if err != nil {
		return frame
	}
	return wrapped(typeEvents, payload)
}
