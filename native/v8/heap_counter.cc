#include "heap_counter.h"

#include <algorithm>
#include <array>
#include <mutex>
#include <string_view>

#include "switches.h"

namespace heapproof {

namespace {

// For all isolates of the process. See the header: what is counted must not be taken back later.
void KeepRestsOfPages() {
  static std::once_flag once;
  std::call_once(once, [] { SwitchOff("allocation-buffer-parking"); });
}

constexpr uintptr_t kPageBytes = 256 * 1024;
constexpr size_t kNumberBytes = 16;        // of a number with a fraction
constexpr size_t kStringHeaderBytes = 16;
constexpr size_t kSmallestFill = 32;       // shorter strings can be such as exist already
constexpr size_t kLargestFill = 64 * 1024;  // far from what V8 calls a large object
constexpr size_t kPageStart = 5 * 1024;    // what lies before this begins its page; V8's own part takes 32 to 4424 bytes

// Allocates a number and returns the address behind it: where the next object begins.
uintptr_t NextObject(v8::Isolate* isolate) {
  const v8::Local<v8::Value> number = v8::Number::New(isolate, 0.5);
  return *reinterpret_cast<const uintptr_t*>(*number) - 1 + kNumberBytes;  // V8 marks addresses of objects by a 1
}

}  // namespace

HeapCounter::HeapCounter(v8::Isolate* isolate) : isolate_(isolate), all_{Used()}, young_{0}, old_{0} {
  size_t found = 0;
  for (size_t i = 0; i < isolate->NumberOfHeapSpaces(); i++) {
    v8::HeapSpaceStatistics space;
    if (!isolate->GetHeapSpaceStatistics(&space, i) || space.space_name() == nullptr) continue;
    const std::string_view name = space.space_name();
    if (name == "old_space") old_space_ = i;
    if (name != "new_space" && name != "new_large_object_space" && name != "large_object_space") continue;
    if (found < kYoungSpaces) young_spaces_[found++] = i;
  }
  young_.last = Young();
  old_.last = Old();
}

uint64_t HeapCounter::UsedIn(size_t space) const {
  v8::HeapSpaceStatistics statistics;
  return space != kNoSpace && isolate_->GetHeapSpaceStatistics(&statistics, space) ? statistics.space_used_size() : 0;
}

uint64_t HeapCounter::Young() const {
  uint64_t used = 0;
  for (const size_t space : young_spaces_) used += UsedIn(space);
  return used;
}

uint64_t HeapCounter::Used() const {
  v8::HeapStatistics statistics;
  isolate_->GetHeapStatistics(&statistics);
  return statistics.used_heap_size();
}

void HeapCounter::BeginPage() {
  KeepRestsOfPages();
  static constexpr std::array<uint8_t, kLargestFill> kFill = {};
  const v8::HandleScope scope(isolate_);
  // More than once: what does not fit any more can set off a scavenge, and then survivors begin the page.
  for (int attempt = 0; attempt < 3; attempt++) {
    const uintptr_t next = NextObject(isolate_);
    const size_t offset = next % kPageBytes;
    if (offset > 0 && offset < kPageStart) return;
    size_t left = offset == 0 ? 0 : kPageBytes - offset;
    while (left >= kSmallestFill) {
      const size_t bytes = std::min(left, kLargestFill);
      const int length = static_cast<int>(bytes - kStringHeaderBytes);
      if (v8::String::NewFromOneByte(isolate_, kFill.data(), v8::NewStringType::kNormal, length).IsEmpty()) return;
      left -= bytes;
    }
  }
}

void HeapCounter::BeforeCollection() {
  used_before_ = Used();
  all_.Add(used_before_);
  young_.Add(Young());
  old_.Add(Old());
}

void HeapCounter::AfterCollection(v8::GCType type) {
  all_.last = Used();
  young_.last = Young();
  old_.last = Old();
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
