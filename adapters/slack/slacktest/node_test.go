package slacktest_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ella/adapters/slack/slacktest"
)

// TestSlacksOwnClient has Slack's own client for Socket Mode (@slack/socket-mode on
// npm) connect, take an event and a command, and acknowledge both. It runs where
// ELLA_TEST_NODE_MODULES names a folder of Node's modules that has it.
func TestSlacksOwnClient(t *testing.T) {
	modules := os.Getenv("ELLA_TEST_NODE_MODULES")
	if _, err := os.Stat(filepath.Join(modules, "@slack", "socket-mode")); modules == "" || err != nil {
		const line = "not tested: Slack's own client against the fake (ELLA_TEST_NODE_MODULES names no folder with @slack/socket-mode)"
		noteSkipped(t, line)
		t.Skip(line)
	}
	c := newClient(t, slacktest.Options{})
	const script = `
		const { SocketModeClient } = require('@slack/socket-mode');
		const client = new SocketModeClient({ appToken: process.argv[1], clientOptions: { slackApiUrl: process.argv[2] } });
		client.on('message', ({ ack }) => ack());
		client.on('slash_commands', async ({ ack, body }) => ack({ text: 'you said ' + body.text }));
		client.start().catch((e) => { console.error(e); process.exit(1); });
		process.stdin.on('close', () => process.exit(0)).resume();`
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	node := exec.CommandContext(ctx, "node", "-e", script, c.s.AppToken(), c.s.APIURL())
	node.Env = append(os.Environ(), "NODE_PATH="+modules)
	var said strings.Builder
	node.Stdout, node.Stderr = &said, &said
	stdin, err := node.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := node.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = stdin.Close()
		if err := node.Wait(); err != nil {
			t.Errorf("node ended with %v: %s", err, said.String())
		}
	}()
	maryam := c.s.AddUser(slacktest.User{})
	if !c.s.Deliver(ctx, c.s.Say(maryam, "hello").ID) {
		t.Fatal("the message is not acknowledged")
	}
	if !c.s.Deliver(ctx, c.s.Command(maryam, "", "/ella", "groups").ID) {
		t.Fatal("the command is not acknowledged")
	}
	if all := c.s.Ephemerals(maryam); len(all) != 1 || all[0].Text != "you said groups" {
		t.Errorf("they were shown %+v", all)
	}
	c.broke()
}

// noteSkipped has make test say in its last lines what was not tested: go test hides
// it where a package passes.
func noteSkipped(t *testing.T, line string) {
	t.Helper()
	path := os.Getenv("ELLA_TEST_SKIPPED")
	if path == "" {
		return
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(line + "\n"); err != nil {
		t.Error(err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
}
