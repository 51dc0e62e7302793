//go:build race

package delivery_test

// fewer is how much less is done where every step is watched for races, which
// makes the database many times slower.
const fewer = 5
