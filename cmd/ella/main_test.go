package main

import (
	"testing"

	"ella/storage/storagetest"
)

func TestMain(m *testing.M) { storagetest.Main(m) }
