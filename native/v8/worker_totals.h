// What worker threads allocate, counted by the thread that wants to know. Between them lies memory that both share:
//
//     measuring thread                    a SharedArrayBuffer of doubles                worker thread
//     ReadCounters adds its sums    <-    [0: threads that ended, 1...: by Counter]  <-  adds its own when it ends
//
// A worker reports in a clean-up hook of its environment, the only place that is reached when it is terminated as well.
#pragma once

#include <array>
#include <memory>

#include "host.h"

struct napi_value__;

namespace v8 {
class BackingStore;
}

namespace heapproof {

class WorkerReport {
 public:
  // `shared` is a SharedArrayBuffer. What this thread has allocated until now does not count.
  WorkerReport(IsolateHost* host, napi_value__* shared);
  // At the end of the thread, while its isolate still lives.
  void Deliver();

 private:
  IsolateHost* host_;
  std::shared_ptr<v8::BackingStore> shared_;
  std::array<double, kCounterCount> start_;
};

// From now on the counters of this thread are read with what workers have reported to `shared`; nullptr: no longer.
void AddWorkers(napi_value__* shared);
// Adds that to what was read.
void AddWorkerTotals(double* into);

}  // namespace heapproof
