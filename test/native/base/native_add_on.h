// An add-on, a thread and a recording, for the tests of the native domain.
#pragma once

#include <doctest/doctest.h>

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "../../../native/base/got_patch.h"
#include "../../../native/base/native_heap.h"
#include "test_library.h"

using namespace heapproof;

constexpr char kAddOnSource[] = R"(
  #include <stdlib.h>
  void* take(size_t size) { void* volatile block = malloc(size); return block; }
  void* resize(void* block, size_t size) { void* volatile moved = realloc(block, size); return moved; }
  void give(void* block) { free(block); }
)";

// An add-on, as far as counting goes.
struct AddOn {
  TestLibrary library{"allocating", kAddOnSource, "-Wl,-z,lazy"};
  void* (*take)(size_t) = library.Get<void*(size_t)>("take");
  void* (*resize)(void*, size_t) = library.Get<void*(void*, size_t)>("resize");
  void (*give)(void*) = library.Get<void(void*)>("give");
};

// A thread that does what it is told, one thing after the other.
class Worker {
 public:
  void Do(std::function<void()> work) {
    std::unique_lock lock(mutex_);
    work_ = std::move(work);
    changed_.notify_all();
    changed_.wait(lock, [&] { return !work_; });
  }
  ~Worker() {
    {
      const std::lock_guard lock(mutex_);
      ended_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }

 private:
  void Run() {
    std::unique_lock lock(mutex_);
    while (true) {
      changed_.wait(lock, [&] { return work_ || ended_; });
      if (!work_) return;
      work_();
      work_ = nullptr;
      changed_.notify_all();
    }
  }
  std::mutex mutex_;
  std::condition_variable changed_;
  std::function<void()> work_;
  bool ended_ = false;
  std::thread thread_{[this] { Run(); }};
};

struct Listener : NativeListener {
  std::vector<NativeSample> allocated, freed;
  std::atomic<int> long_queues{0};
  void OnNativeAllocated(NativeSample& sample) noexcept override {
    allocated.push_back(sample);
    sample.trace = 1000 + static_cast<uint32_t>(allocated.size());
  }
  void OnNativeFreed(const NativeSample& sample, uint64_t nanoseconds) noexcept override {
    CHECK(nanoseconds >= sample.nanoseconds);
    freed.push_back(sample);
  }
  void OnNativeQueueLong() noexcept override { long_queues++; }
};

inline SamplingRule Every(double interval) {
  SamplingRule rule;
  rule.interval = interval;
  return rule;
}

inline NativeTotals Since(const NativeTotals& start) {
  const NativeTotals now = TheNativeHeap().ForThisIsolate();
  return {now.bytes - start.bytes, now.calls - start.calls, now.frees - start.frees};
}

#define CHECK_TOTALS(start, expected_bytes, expected_calls, expected_frees) \
  do {                                                                      \
    const NativeTotals since = Since(start);                                \
    CHECK(since.bytes == (expected_bytes));                                 \
    CHECK(since.calls == (expected_calls));                                 \
    CHECK(since.frees == (expected_frees));                                 \
  } while (false)

// Behind the hooks' back: whoever frees through an import table is seen.
inline void FreeUnseen(void* block) { reinterpret_cast<void (*)(void*)>(GotPatch::RealFunction("free"))(block); }
