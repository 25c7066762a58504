#include "heap_counter.h"

#include <string_view>

namespace heapproof {

HeapCounter::HeapCounter(v8::Isolate* isolate) : isolate_(isolate), last_used_(Used()) {
  size_t found = 0;
  for (size_t i = 0; i < isolate->NumberOfHeapSpaces() && found < kYoungSpaces; i++) {
    v8::HeapSpaceStatistics space;
    if (!isolate->GetHeapSpaceStatistics(&space, i) || space.space_name() == nullptr) continue;
    const std::string_view name = space.space_name();
    if (name == "new_space" || name == "new_large_object_space" || name == "large_object_space") {
      young_spaces_[found++] = i;
    }
  }
  last_young_ = Young();
}

uint64_t HeapCounter::Young() const {
  uint64_t used = 0;
  for (const size_t index : young_spaces_) {
    v8::HeapSpaceStatistics space;
    if (index != kNoSpace && isolate_->GetHeapSpaceStatistics(&space, index)) used += space.space_used_size();
  }
  return used;
}

uint64_t HeapCounter::Used() const {
  v8::HeapStatistics statistics;
  isolate_->GetHeapStatistics(&statistics);
  return statistics.used_heap_size();
}

void HeapCounter::BeforeCollection() {
  used_before_ = Used();
  total_ += used_before_ - last_used_;  // may be negative by itself: unsigned arithmetic wraps back in the sum
  last_used_ = used_before_;
  const uint64_t young = Young();
  total_young_ += young - last_young_;
  last_young_ = young;
}

void HeapCounter::AfterCollection(v8::GCType type) {
  last_used_ = Used();
  last_young_ = Young();
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
