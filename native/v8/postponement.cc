#include "postponement.h"

#include "../base/clock.h"

namespace heapproof {

namespace {

constexpr uint64_t kAgain = 1'000'000'000;  // of the seven seconds that V8 gives, in nanoseconds

void BeginLoading(v8::Isolate* isolate) {
#if V8_MAJOR_VERSION >= 13
  isolate->SetIsLoading(true);
#else
  // The time is taken when the mode changes.
  isolate->SetRAILMode(v8::PERFORMANCE_ANIMATION);
  isolate->SetRAILMode(v8::PERFORMANCE_LOAD);
#endif
}

}  // namespace

void Postponement::Renew() {
  const uint64_t now = MonotonicNanoseconds();
  if (renewed_ != 0 && now - renewed_ < kAgain) return;
  renewed_ = now;
  BeginLoading(isolate_);
}

}  // namespace heapproof
