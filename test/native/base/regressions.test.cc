// What heapprof got wrong, by the numbers of our list of its bugs; those of the pure half. The others: see
// test/native/regressions.test.ts.
#include <doctest/doctest.h>

#include <cstdlib>
#include <set>
#include <thread>
#include <vector>

#include "../../../native/base/event_log.h"
#include "../../../native/base/native_samples.h"
#include "../../../native/base/trace_table.h"

using namespace heapproof;

TEST_CASE("B10: a time that went back counts as no time, and what comes after it is right again") {
  EventLog log;
  log.Allocation(1'000'000, 1, 8);
  log.Clear();
  log.Allocation(750'000, 1, 8);  // heapprof wrote one and three quarters of a second backwards
  CHECK(log.pending() == Bytes{0, 1, 2});
  log.Clear();
  log.Allocation(1'000'010, 1, 8);
  CHECK(log.pending() == Bytes{40, 1, 2});
}

TEST_CASE("B15: a thread that is given a block another has just freed begins a new sample, and ends no other") {
  struct Listener final : NativeListener {
    std::vector<uint64_t> allocated, freed;
    void OnNativeAllocated(NativeSample& sample) noexcept override {
      allocated.push_back(sample.size);
      sample.trace = static_cast<uint32_t>(allocated.size());
    }
    void OnNativeFreed(const NativeSample& sample, uint64_t) noexcept override {
      freed.push_back(sample.size);
      traces.insert(sample.trace);
    }
    std::set<uint32_t> traces;
  } listener;
  REQUIRE(native_samples.OpenFilter());
  const SamplingRule everything{1, {}};
  const NativeQuiet quiet;
  REQUIRE(native_samples.Begin(&listener, everything, 1) == "");

  // The order of the hooks: told of the free before it happens, told of the allocation after it has happened. So however
  // the threads alternate, the samples of one address follow each other.
  alignas(16) static char block[16];
  for (uint64_t i = 1; i <= 1000; i++) {
    std::thread([i] {
      native_samples.LearnRule(*ThisNativeThread());
      native_samples.OnChosen(*ThisNativeThread(), block, i, nullptr);
    }).join();
    std::thread([] { native_samples.OnFreed(block); }).join();
  }
  native_samples.Deliver(&listener);
  REQUIRE(native_samples.End(&listener));
  CHECK(listener.allocated.size() == 1000);
  CHECK(listener.freed == listener.allocated);
  CHECK(listener.traces.size() == 1000);
}

TEST_CASE("B16: a million different stacks are a million traces") {
  TraceTable table;
  std::vector<uint32_t> frames;
  for (uint32_t function = 1; function <= 1000; function++) frames.push_back(table.InternFrame({function, 7}));
  for (uint32_t i = 0; i < 1'000'000; i++) {
    const uint32_t stack[] = {frames[i % 1000], frames[i / 1000]};
    // With 32 bits of a fingerprint about 116 of them would be taken for another.
    REQUIRE(table.InternTrace(Domain::kHeap, stack, 2, false) == i + 1);
  }
  const uint32_t again[] = {frames[3], frames[500]};
  CHECK(table.InternTrace(Domain::kHeap, again, 2, false) == 500'004);
}
