package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"path"
	"slices"
	"strings"
	"time"

	"ella/adapters/telegram"
	"ella/bot"
	"ella/bot/language"
	"ella/storage"
)

// platformTelegram is what the rows of its accounts are called.
const platformTelegram = "telegram"

// telegramFlags say which bot Ella is on Telegram, and where Telegram is.
type telegramFlags struct {
	Token     string `env:"ELLA_TELEGRAM_TOKEN" help:"Token of Ella's bot, from @BotFather. Others on this machine can read a flag: rather use the variable or the file." placeholder:"TOKEN"`
	TokenFile string `env:"ELLA_TELEGRAM_TOKEN_FILE" help:"File that holds the token." placeholder:"FILE"`
	APIURL    string `name:"api-url" env:"ELLA_TELEGRAM_API_URL" default:"https://api.telegram.org" help:"Base of the Bot API. Default: ${default}." placeholder:"URL"`
}

// telegramServeFlags also say how she receives and how fast she sends.
type telegramServeFlags struct {
	telegramFlags
	WebhookURL        string  `env:"ELLA_TELEGRAM_WEBHOOK_URL" help:"Where Telegram reaches this Ella from outside, https. Without it she asks Telegram for updates." placeholder:"URL"`
	WebhookSecret     string  `env:"ELLA_TELEGRAM_WEBHOOK_SECRET" help:"What Telegram proves itself by there: 1 to 256 letters, digits, - and _." placeholder:"SECRET"`
	WebhookSecretFile string  `env:"ELLA_TELEGRAM_WEBHOOK_SECRET_FILE" help:"File that holds the secret." placeholder:"FILE"`
	Rate              float64 `env:"ELLA_TELEGRAM_RATE" default:"25" help:"Alerts a second; 0 lifts the limit, which only paid broadcasts may. Default: ${default}." placeholder:"NUMBER"`
}

// options are what the adapter needs of the flags; without a token Ella is not on
// Telegram. The error is all that is wrong.
func (f telegramFlags) options() (telegram.Options, error) {
	token, err := secret("ELLA_TELEGRAM_TOKEN", f.Token, f.TokenFile)
	faults := []error{err}
	if _, ok := telegram.BotID(token); token != "" && !ok {
		faults = append(faults, errors.New("ELLA_TELEGRAM_TOKEN is no token: copy it whole from @BotFather, it looks like 123456789:AAH… with no space in it"))
	}
	if _, err := checkURL("ELLA_TELEGRAM_API_URL", f.APIURL); err != nil {
		faults = append(faults, err)
	}
	return telegram.Options{Token: token, APIURL: f.APIURL}, errors.Join(faults...)
}

// letters are those of the names and secrets that go into addresses and headers.
const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"

// isWebhookSecret reports whether Telegram takes a secret
// (https://core.telegram.org/bots/api#setwebhook).
func isWebhookSecret(s string) bool {
	return s != "" && len(s) <= 256 && strings.Trim(s, letters) == ""
}

func (f telegramServeFlags) options() (telegram.Options, error) {
	o, err := f.telegramFlags.options()
	faults := []error{err}
	o.WebhookURL, o.Rate = f.WebhookURL, f.Rate
	o.WebhookSecret, err = secret("ELLA_TELEGRAM_WEBHOOK_SECRET", f.WebhookSecret, f.WebhookSecretFile)
	faults = append(faults, err)
	if o.WebhookURL != "" {
		faults = append(faults, checkWebhook(o.WebhookURL))
		switch {
		case o.WebhookSecret == "":
			faults = append(faults, errors.New("ELLA_TELEGRAM_WEBHOOK_SECRET is not set: anybody could bring updates to ELLA_TELEGRAM_WEBHOOK_URL. Make one, for example with: openssl rand -hex 32"))
		case !isWebhookSecret(o.WebhookSecret):
			faults = append(faults, errors.New("ELLA_TELEGRAM_WEBHOOK_SECRET can't be used: Telegram takes 1 to 256 letters, digits, - and _"))
		}
		if o.Token == "" {
			faults = append(faults, errors.New("ELLA_TELEGRAM_WEBHOOK_URL is set and ELLA_TELEGRAM_TOKEN is not: set the token too, or neither"))
		}
	} else if o.WebhookSecret != "" {
		faults = append(faults, errors.New("ELLA_TELEGRAM_WEBHOOK_SECRET is set and ELLA_TELEGRAM_WEBHOOK_URL is not: set the address too, or neither"))
	}
	// Not a number is neither.
	if !(f.Rate >= 0 && f.Rate <= 1000) {
		faults = append(faults, fmt.Errorf("ELLA_TELEGRAM_RATE=%v is no rate: use a number from 0 to 1000, or leave it at 25", f.Rate))
	}
	return o, errors.Join(faults...)
}

// secret is a value that may also stand in a file. It is in no error.
func secret(name, value, file string) (string, error) {
	if file == "" {
		return value, nil
	}
	if value != "" {
		return "", fmt.Errorf("%s and %s_FILE are both set: keep one of them", name, name)
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		cause := err
		if at, ok := errors.AsType[*os.PathError](err); ok {
			cause = at.Err
		}
		return "", fmt.Errorf("%s_FILE=%s can't be read (%w): check the path, and that whoever runs Ella may read it", name, file, cause)
	}
	if value = strings.TrimSpace(string(raw)); value == "" {
		return "", fmt.Errorf("%s_FILE=%s is empty: put the value there, or leave the variable out", name, file)
	}
	return value, nil
}

// checkURL reports an address to which secrets must not go: not https, unless it is
// this machine.
func checkURL(name, address string) (*url.URL, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		// Not quoted: an address may hold a password.
		return nil, fmt.Errorf("%s is no address: use https://, a name and perhaps a path", name)
	}
	if ip := net.ParseIP(u.Hostname()); u.Scheme == "http" && (u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()) {
		return u, nil
	}
	if u.Scheme != "https" {
		return nil, fmt.Errorf("%s begins with %s://: use https://, since secrets go there (http only to this machine itself)", name, u.Scheme)
	}
	return u, nil
}

// checkWebhook reports an address that Telegram would not bring updates to
// (https://core.telegram.org/bots/webhooks).
func checkWebhook(address string) error {
	u, err := checkURL("ELLA_TELEGRAM_WEBHOOK_URL", address)
	if err != nil {
		return err
	}
	var faults []error
	// It becomes a pattern of our own server, beside the two that are there.
	if at := u.Path; len(at) < 2 || strings.Trim(at, letters+"/.~") != "" || path.Clean(at) != at || at == "/healthz" || at == "/readyz" {
		faults = append(faults, errors.New("ELLA_TELEGRAM_WEBHOOK_URL needs a path of its own at its end, of letters, digits, - and /, such as https://ella.example.org/telegram"))
	}
	if ports := []string{"", "443", "80", "88", "8443"}; u.Scheme == "https" && !slices.Contains(ports, u.Port()) {
		faults = append(faults, fmt.Errorf("ELLA_TELEGRAM_WEBHOOK_URL has port %s: Telegram takes 443, 80, 88 and 8443 only", u.Port()))
	}
	return errors.Join(faults...)
}

// onTelegram connects Ella's account there. running is the app once it is put
// together, before anybody receives.
func onTelegram(ctx context.Context, o telegram.Options, db *storage.DB, running func() *app) (bot.AccountID, *telegram.Adapter, error) {
	name, _ := telegram.BotID(o.Token) // its form was checked
	account, err := db.Account(ctx, platformTelegram, name)
	if err != nil {
		return "", nil, fmt.Errorf("make the account of Telegram: %w", err)
	}
	o.Account, o.Shelf = account, db.Shelf()
	o.Presence = func() []telegram.Presence { return presence(running()) }
	o.Away = func(ctx context.Context, from, to time.Time) { running().away(ctx, account, from, to) }
	adapter, err := telegram.Connect(ctx, o)
	if errors.Is(err, telegram.ErrRefused) {
		return account, nil, usageError{fmt.Errorf("ELLA_TELEGRAM_TOKEN: %w", err)}
	}
	return account, adapter, err
}

// register lets a webhook reach the adapter, if there is one.
func register(mux *http.ServeMux, a *telegram.Adapter) {
	if at := a.WebhookPath(); at != "" {
		mux.Handle(at, a.Handler())
	}
}

// presence is how Ella looks on Telegram, in each language that Telegram can express:
// those with a code of two letters. English comes first, and is for everybody else.
func presence(a *app) []telegram.Presence {
	var all []telegram.Presence
	for _, l := range a.language.Locales() {
		if len(l.Tag) != 2 {
			continue
		}
		words := a.language.For(l.Tag)
		p := telegram.Presence{
			Language: l.Tag, Name: words.Text("presence.name"), Short: words.Text("presence.short"), About: words.Text("presence.about"),
			Commands: a.engine.Menu(bot.Person{Member: bot.Member{Locale: l.Tag}}),
			Group: []bot.MenuItem{
				{Command: "connect", About: words.Text("presence.connect")},
				{Command: "help", About: words.Text("presence.help")},
			},
		}
		if l.Tag == language.English {
			all = slices.Insert(all, 0, p)
		} else {
			all = append(all, p)
		}
	}
	return all
}

// startLinks are the links that begin a conversation with Ella on Telegram: with the
// bot whose token is given, or with all that were ever served here. One whose name is
// not known yet is asked for; if Telegram can't be reached there is none.
func startLinks(ctx context.Context, db *storage.DB, o telegram.Options, a bot.Arrival) ([]string, error) {
	accounts, err := db.Accounts(ctx, platformTelegram)
	if err != nil {
		return nil, err
	}
	id, given := telegram.BotID(o.Token)
	var names []string
	for _, account := range accounts {
		name, err := telegram.Known(ctx, db.Shelf(), account.ID)
		if err != nil {
			return nil, err
		}
		if name != "" && (!given || account.Name == id) {
			names = append(names, name)
		}
	}
	if given && len(names) == 0 {
		if found, err := telegram.Examine(ctx, o); err == nil {
			names = append(names, found.Username)
		}
	}
	var links []string
	for _, name := range names {
		links = append(links, bot.Capabilities{StartLink: telegram.StartLink(name)}.Link(a))
	}
	return links, nil
}
