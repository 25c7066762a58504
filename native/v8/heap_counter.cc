#include "heap_counter.h"

namespace heapproof {

uint64_t HeapCounter::Used() const {
  v8::HeapStatistics statistics;
  isolate_->GetHeapStatistics(&statistics);
  return statistics.used_heap_size();
}

void HeapCounter::BeforeCollection() {
  used_before_ = Used();
  total_ += used_before_ - last_used_;  // may be negative by itself: unsigned arithmetic wraps back in the sum
  last_used_ = used_before_;
}

void HeapCounter::AfterCollection(v8::GCType type) {
  last_used_ = Used();
  if (IsCollection(type)) collections_++;
  if (type == v8::kGCTypeMarkSweepCompact) major_collections_++;
  if (type == v8::kGCTypeIncrementalMarking) markings_++;
}

void HeapCounter::FillTotals(Totals& totals) const {
  totals.heap_bytes = Allocated();
  totals.collections = collections_;
  totals.major_collections = major_collections_;
}

}  // namespace heapproof
