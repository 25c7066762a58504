// What several threads touch at once. These cases are called "threads: ..." and run a second time under ThreadSanitizer,
// which is what finds a race; the checks here find what a race would have broken.
#include <doctest/doctest.h>

#include <atomic>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include "../../../native/base/address_filter.h"
#include "../../../native/base/awaited_addresses.h"
#include "../../../native/base/native_samples.h"
#include "../../../native/base/native_threads.h"
#include "../../../native/base/sampler.h"
#include "../../../native/base/watchdog.h"

using namespace heapproof;

namespace {

constexpr int kThreads = 4;

template <typename Body>
void OnThreads(Body body) {
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; i++) threads.emplace_back([&body, i] { body(i); });
  for (std::thread& thread : threads) thread.join();
}

const void* At(size_t block) { return reinterpret_cast<const void*>(block << 4); }

}  // namespace

TEST_CASE("threads: the address filter never forgets what was added, whoever adds beside it") {
  AddressFilter filter;
  REQUIRE(filter.Open());
  std::mutex one_writer;
  std::atomic<int> forgotten{0};
  OnThreads([&](int thread) {
    for (size_t round = 0; round < 20'000; round++) {
      // The same cells for all threads now and then, so that counters are counted up and down by several.
      const void* address = At(round % 5000 + (round % 3 == 0 ? 0 : (static_cast<size_t>(thread) + 1) << 21));
      {
        const std::lock_guard lock(one_writer);
        filter.Add(address);
      }
      if (!filter.MayHold(address)) forgotten++;
      {
        const std::lock_guard lock(one_writer);
        filter.Remove(address);
      }
    }
  });
  CHECK(forgotten == 0);
  int left = 0;
  for (size_t block = 0; block < 1 << 21; block++) left += filter.MayHold(At(block));
  CHECK(left == 0);
}

TEST_CASE("threads: what somebody waits for is held as long as that, whoever comes, leaves and tidies up meanwhile") {
  AwaitedAddresses awaited;
  std::atomic<int> forgotten{0};
  // Handed from thread to thread, as a buffer is that one allocates and another frees.
  std::atomic<const void*> handed{nullptr};
  OnThreads([&](int thread) {
    for (size_t round = 0; round < 20'000; round++) {
      const void* address = At(round % 5000 + (static_cast<size_t>(thread + 1) << 21));
      awaited.Add(address);
      const void* given = handed.exchange(address);
      if (given != nullptr) {
        if (!awaited.MayHold(given)) forgotten++;
        awaited.Remove(given);
      }
      if (round % 100 == 0) awaited.Tidy();
    }
  });
  CHECK(forgotten == 0);
  awaited.Remove(handed);
  int left = 0;
  for (size_t block = 0; block < 1 << 21; block++) left += awaited.MayHold(At(block));
  CHECK(left == 0);
}

TEST_CASE("what others wait for stays when one leaves, and what one waited for goes with it") {
  AwaitedAddresses awaited;
  CHECK(!awaited.MayHold(At(1)));  // nobody has waited yet
  awaited.Tidy();
  awaited.Add(At(1));
  awaited.Add(At(2));
  awaited.Add(At(2));
  awaited.Tidy();
  CHECK(awaited.MayHold(At(1)));
  awaited.Remove(At(1));
  awaited.Remove(At(2));
  awaited.Tidy();
  CHECK(!awaited.MayHold(At(1)));
  CHECK(awaited.MayHold(At(2)));
  awaited.Remove(At(2));
  CHECK(!awaited.MayHold(At(2)));
  // A counter that is full does not know how many there are, until there are none.
  for (int i = 0; i < 300; i++) awaited.Add(At(3));
  for (int i = 0; i < 300; i++) awaited.Remove(At(3));
  CHECK(awaited.MayHold(At(3)));
  awaited.Tidy();
  CHECK(!awaited.MayHold(At(3)));
}

namespace {

// Does what the hooks of native_hooks.cc do around malloc and free, without patching anything.
void* HookedMalloc(size_t size) {
  void* block = std::malloc(size);
  NativeThread* thread = native_thread_state.active;
  if (thread == nullptr) thread = EnterNativeThread(size, 1, 0);
  if (thread == nullptr) return block;
  Count(thread, size, 1, 0);
  if (thread->epoch != NativeSamples::epoch()) native_samples.LearnRule(*thread);
  if (thread->sampler != nullptr && thread->sampler->Choose(size)) native_samples.OnChosen(*thread, block, size, nullptr);
  return block;
}

void HookedFree(void* block) {
  NativeThread* thread = native_thread_state.active;
  if (thread == nullptr) thread = EnterNativeThread(0, 0, 1);
  if (thread != nullptr) Count(thread, 0, 0, 1);
  if (NativeSamples::MayBeSampled(block)) native_samples.OnFreed(block);
  std::free(block);
}

// Checks that ends match beginnings: every free names a trace that was handed out, once, with the size it had.
class Ledger final : public NativeListener {
 public:
  void OnNativeAllocated(NativeSample& sample) noexcept override {
    sizes_.push_back(sample.size);
    open_.insert(static_cast<uint32_t>(sizes_.size()));
    allocated++;
    sample.trace = static_cast<uint32_t>(sizes_.size());
  }
  void OnNativeFreed(const NativeSample& sample, uint64_t nanoseconds) noexcept override {
    freed++;
    if (open_.erase(sample.trace) != 1 || sizes_[sample.trace - 1] != sample.size) wrong++;
    if (nanoseconds < sample.nanoseconds) early++;
  }
  void OnNativeQueueLong() noexcept override { long_queues++; }

  size_t allocated = 0, freed = 0, wrong = 0, early = 0;
  std::atomic<int> long_queues{0};

 private:
  std::vector<uint64_t> sizes_;
  std::set<uint32_t> open_;
};

}  // namespace

TEST_CASE("threads: native samples, begun and ended while other threads allocate, match to the last one") {
  REQUIRE(native_samples.OpenFilter());
  std::atomic<bool> go_on{true};
  // A block may be freed by another thread than the one that got it.
  std::atomic<void*> exchange[64] = {};
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; i++) {
    threads.emplace_back([&, i] {
      Random random(static_cast<uint64_t>(i));
      while (go_on) {
        void* block = HookedMalloc(16 + random.Next() % 500);
        void* other = exchange[random.Next() % 64].exchange(block);
        if (other != nullptr) HookedFree(other);
      }
    });
  }
  size_t sampled = 0;
  for (int round = 0; round < 40; round++) {
    const SamplingRule rule{round % 2 == 0 ? 1.0 : 2000.0, {}};
    Ledger ledger;
    {
      const NativeQuiet quiet;
      REQUIRE(native_samples.Begin(&ledger, rule, static_cast<uint64_t>(round) + 1) == "");
    }
    for (int step = 0; step < 20; step++) {
      std::vector<void*> own;
      for (int k = 0; k < 50; k++) own.push_back(HookedMalloc(100));
      for (void* block : own) HookedFree(block);
      const NativeQuiet quiet;
      native_samples.Deliver(&ledger);
    }
    const NativeQuiet quiet;
    native_samples.Deliver(&ledger);
    REQUIRE(native_samples.End(&ledger));
    CHECK(ledger.wrong == 0);
    CHECK(ledger.early == 0);
    CHECK(ledger.freed <= ledger.allocated);
    sampled += ledger.allocated;
  }
  go_on = false;
  for (std::thread& thread : threads) thread.join();
  for (auto& block : exchange) std::free(block.load());
  CHECK(sampled > 20 * 20 * 50);  // what this thread did at interval 1 alone
}

TEST_CASE("threads: native numbers are exact once the threads have ended, and never fall while they run") {
  REQUIRE(native_samples.OpenFilter());
  constexpr int kRounds = 20'000;
  NativeTotals before;
  {
    const NativeQuiet quiet;
    before = TotalsForIsolateOf(ThisNativeThread());
  }
  std::atomic<bool> go_on{true};
  std::atomic<int> fell{0};
  std::thread reader([&] {
    uint64_t last = 0;
    while (go_on) {
      const NativeQuiet quiet;
      const uint64_t now = TotalsForIsolateOf(nullptr).calls;
      if (now < last) fell++;
      last = now;
    }
  });
  OnThreads([](int) {
    for (int i = 0; i < kRounds; i++) HookedFree(HookedMalloc(48));
  });
  go_on = false;
  reader.join();
  const NativeQuiet quiet;
  const NativeTotals after = TotalsForIsolateOf(ThisNativeThread());
  CHECK(after.bytes - before.bytes == uint64_t{48} * kRounds * kThreads);
  CHECK(after.calls - before.calls == uint64_t{kRounds} * kThreads);
  CHECK(after.frees - before.frees == uint64_t{kRounds} * kThreads);
  CHECK(fell == 0);
}

TEST_CASE("threads: what is watched ends on any thread, and is left alone from then on") {
  struct Ticking final : Watched {
    std::atomic<bool> ended{false};
    std::atomic<int> late{0};
    void OnTick() noexcept override {
      if (ended) late++;
    }
    bool OnEnding(int) noexcept override { return true; }
  };
  std::atomic<int> late{0};
  OnThreads([&](int) {
    for (int round = 0; round < 200; round++) {
      const auto ticking = std::make_unique<Ticking>();
      StartWatching(ticking.get());
      StopWatching(ticking.get());
      ticking->ended = true;
      late += ticking->late;
    }
  });
  CHECK(late == 0);
}
