package bench

import (
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// processorTime begins to measure what the iterations of a benchmark take of the processors, the garbage collector included. What
// it returns ends that, and reports it. Where a machine is shared, this says more than the time on the clock.
func processorTime(b *testing.B) (report func()) {
	b.Helper()
	start := spent(b)
	return func() { b.ReportMetric(float64(spent(b)-start)/float64(b.N), "cpu-ns/op") }
}

// spent returns the nanoseconds that this process was on a processor.
func spent(b *testing.B) int64 {
	b.Helper()
	var usage syscall.Rusage
	require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return usage.Utime.Nano() + usage.Stime.Nano()
}
