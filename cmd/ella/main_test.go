package main

import (
	"os"
	"testing"

	"ella/storage/storagetest"
)

// TestMain also runs the child process of the tests that kill one.
func TestMain(m *testing.M) {
	if os.Getenv(childVariable) != "" {
		os.Exit(childMain())
	}
	if os.Getenv(argumentsVariable) != "" {
		os.Exit(programMain())
	}
	storagetest.Main(m)
}
