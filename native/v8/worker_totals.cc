#include "worker_totals.h"

#include <cstring>
#include <mutex>

#include <v8.h>

namespace heapproof {

namespace {

std::mutex mutex;
thread_local std::shared_ptr<v8::BackingStore> added;

std::shared_ptr<v8::BackingStore> MemoryOf(napi_value__* shared) {
  // Node's js_native_api_v8.h makes the one out of the other in the same way.
  v8::Local<v8::SharedArrayBuffer> local;
  static_assert(sizeof local == sizeof shared);
  std::memcpy(static_cast<void*>(&local), &shared, sizeof local);
  return local->GetBackingStore();
}

}  // namespace

WorkerReport::WorkerReport(IsolateHost* host, napi_value__* shared) : host_(host), shared_(MemoryOf(shared)) {
  ReadCounters(host, start_.data());
}

void WorkerReport::Deliver() {
  std::array<double, kCounterCount> end;
  ReadCounters(host_, end.data());
  auto* sums = static_cast<double*>(shared_->Data());
  const std::lock_guard lock(mutex);
  sums[0] += 1;
  for (size_t i = 0; i < kCounterCount; i++) {
    if (i != kHeapUsed) sums[1 + i] += end[i] - start_[i];  // what is in use is no sum
  }
}

void AddWorkers(napi_value__* shared) { added = shared == nullptr ? nullptr : MemoryOf(shared); }

void AddWorkerTotals(double* into) {
  if (added == nullptr) return;
  const auto* sums = static_cast<const double*>(added->Data());
  const std::lock_guard lock(mutex);
  for (size_t i = 0; i < kCounterCount; i++) into[i] += sums[1 + i];
}

}  // namespace heapproof
