// The library that is built from this file and preloaded moves the wall clock of a program in C, for tests in which it
// jumps. It reads the clocks by system calls, and so needs nothing of other libraries, which read them when they begin.
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

// How many seconds the wall clock is ahead: the file that CLOCK_AHEAD names, as it is at any time.
static const volatile int64_t *ahead;

__attribute__((constructor)) static void map_ahead(void) {
	const char *path = getenv("CLOCK_AHEAD");
	int file = path ? open(path, O_RDONLY) : -1;
	void *memory = mmap(NULL, sizeof *ahead, PROT_READ, MAP_SHARED, file, 0);
	if (memory == MAP_FAILED)
		abort();
	close(file);
	ahead = memory;
}

int clock_gettime(clockid_t id, struct timespec *now) {
	int result = syscall(SYS_clock_gettime, id, now);
	if (result == 0 && ahead && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE))
		now->tv_sec += *ahead;
	return result;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
	(void)zone;
	struct timespec t;
	int result = clock_gettime(CLOCK_REALTIME, &t);
	if (result == 0)
		*now = (struct timeval){t.tv_sec, t.tv_nsec / 1000};
	return result;
}

time_t time(time_t *now) {
	struct timespec t;
	if (clock_gettime(CLOCK_REALTIME, &t) != 0)
		return -1;
	if (now)
		*now = t.tv_sec;
	return t.tv_sec;
}
