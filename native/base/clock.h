// Time of events: the monotonic clock, which neither steps nor runs back when the machine's time is set.
#pragma once

#include <cstdint>
#include <ctime>

namespace heapproof {

inline uint64_t MonotonicNanoseconds() {
  timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return static_cast<uint64_t>(t.tv_sec) * 1'000'000'000u + static_cast<uint64_t>(t.tv_nsec);
}

}  // namespace heapproof
