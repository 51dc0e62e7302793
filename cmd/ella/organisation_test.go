package main

import (
	"os"
	"strings"
	"testing"
)

// An organisation is paused, comes back, and is removed, from the command line.
func TestOrganisationCommand(t *testing.T) {
	home(t)
	ella(t, "migrate").want(t, exitDone)
	ella(t, "organisation", "list").want(t, exitDone, "no organisation yet", "ella invite organiser")
	ella(t, "organisation", "pause", "Another Roof").want(t, exitUsage, "no organisation of that name", "ella organisation list")
	for _, name := range []string{"Another Roof", "Common Ground"} {
		ella(t, "invite", "organiser", "--organisation", name).want(t, exitDone)
	}
	if err := os.WriteFile("groups.csv", []byte("id,name,town,needs\n1,Leeds Together,Leeds,advice;English\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	ella(t, "import", "groups", "groups.csv", "--organisation", "Another Roof").want(t, exitDone, "1 added")
	ella(t, "organisation", "pause", " another roof ").want(t, exitDone, "Another Roof is paused", "ella organisation resume")
	ella(t, "organisation", "list").want(t, exitDone, "paused\tAnother Roof", "active\tCommon Ground")
	ella(t, "import", "groups", "groups.csv", "--organisation", "Another Roof").want(t, exitUsage, "no such organisation")
	ella(t, "organisation", "resume", "Another Roof").want(t, exitDone, "Another Roof is back")
	ella(t, "import", "groups", "groups.csv", "--organisation", "Another Roof").want(t, exitDone, "1 unchanged")

	ella(t, "organisation", "remove", "Another Roof").want(t, exitUsage, "This would remove Another Roof", "can't be undone", "--yes")
	ella(t, "organisation", "list").want(t, exitDone, "active\tAnother Roof")
	ella(t, "organisation", "remove", "Another Roof", "--yes").want(t, exitDone, "Another Roof is removed")
	if list := ella(t, "organisation", "list"); strings.Contains(list.out, "Another Roof") {
		t.Errorf("it is still there:\n%s", list.out)
	}
	ella(t, "organisation", "remove", "Another Roof", "--yes").want(t, exitUsage, "no organisation of that name")
	ella(t, "doctor").want(t, exitDone, "organisations: 1, groups: 0")
}
