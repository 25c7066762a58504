#include "fresh_number.h"

#include <atomic>
#include <random>

#include "clock.h"
#include "sampler.h"

namespace heapproof {

namespace {

uint64_t FromTheSystem() {
  std::random_device device;
  return static_cast<uint64_t>(device()) << 32 | device();
}

}  // namespace

// The system is asked once: that takes 90 us where the processor is slow to give numbers, and a runner records hundreds of
// tests a second. The count tells the draws of this process apart, the clock those of a forked child from its parent's.
uint64_t FreshNumber() {
  static const uint64_t seed = FromTheSystem();
  static std::atomic<uint64_t> drawn{0};
  const uint64_t number = drawn.fetch_add(1, std::memory_order_relaxed);
  return Random(Random(seed + number).Next() ^ Random(MonotonicNanoseconds()).Next()).Next();
}

}  // namespace heapproof
