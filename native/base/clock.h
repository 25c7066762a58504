// Time of events: the monotonic clock, which neither steps nor runs back when the machine's time is set. And the time
// that the calling thread has run, for what something costs: a thread that has to wait for a processor costs nothing.
#pragma once

#include <cstdint>
#include <ctime>

namespace heapproof {

inline uint64_t NanosecondsOf(clockid_t clock) {
  timespec t;
  clock_gettime(clock, &t);
  return static_cast<uint64_t>(t.tv_sec) * 1'000'000'000u + static_cast<uint64_t>(t.tv_nsec);
}

inline uint64_t WallNanoseconds() { return NanosecondsOf(CLOCK_REALTIME); }  // since 1970
inline uint64_t MonotonicNanoseconds() { return NanosecondsOf(CLOCK_MONOTONIC); }
inline uint64_t ThreadNanoseconds() { return NanosecondsOf(CLOCK_THREAD_CPUTIME_ID); }

}  // namespace heapproof
