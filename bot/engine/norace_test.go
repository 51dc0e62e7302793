//go:build !race

package engine_test

const fewer = 1
