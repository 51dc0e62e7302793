//go:build !unix

package engines

import "errors"

func startCluster() (postgres, error) {
	return postgres{}, errors.New("a throwaway server is only started on Unix")
}
