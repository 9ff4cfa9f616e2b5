// This file is added to examples/annotated for tests in which the clock of a process jumps. The package time of that
// program calls jumpingNow where it calls runtimeNow otherwise.
package main

import (
	"os"
	"sync/atomic"
	"syscall"
	"unsafe"
)

// ahead is how many seconds the wall clock is ahead: the file that CLOCK_AHEAD names, as it is at any time. It is nil
// before this package is initialized.
var ahead = mapAhead(os.Getenv("CLOCK_AHEAD"))

func mapAhead(path string) *int64 {
	file, err := os.Open(path)
	if err != nil {
		panic(err)
	}
	defer file.Close()
	memory, err := syscall.Mmap(int(file.Fd()), 0, 8, syscall.PROT_READ, syscall.MAP_SHARED)
	if err != nil {
		panic(err)
	}
	return (*int64)(unsafe.Pointer(&memory[0]))
}

//go:linkname jumpingNow
func jumpingNow() (sec int64, nsec int32, mono int64) {
	sec, nsec, mono = runtimeNow()
	if ahead != nil {
		sec += atomic.LoadInt64(ahead)
	}
	return sec, nsec, mono
}

//go:linkname runtimeNow time.runtimeNow
func runtimeNow() (sec int64, nsec int32, mono int64)
