// What is alive now, by trace, scaled: the answer to "where is my memory" without a log.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace heapproof {

class LiveView {
 public:
  struct Entry {
    uint64_t samples = 0;
    double bytes = 0;
    double allocations = 0;
  };

  // An allocation of `size` bytes that stands for `scale` of its kind.
  void Add(uint32_t trace, uint64_t size, double scale) {
    if (entries_.size() <= trace) entries_.resize(std::max<size_t>(trace + 1, entries_.size() * 2));
    Entry& entry = entries_[trace];
    entry.samples++;
    entry.bytes += static_cast<double>(size) * scale;
    entry.allocations += scale;
    current_ += static_cast<double>(size) * scale;
    peak_ = std::max(peak_, current_);
  }

  // The same allocation is gone; `era` is what era() was when it came.
  void Remove(uint32_t trace, uint64_t size, double scale, uint32_t era) {
    if (era != era_) return;  // forgotten by Clear() already
    Entry& entry = entries_[trace];
    entry.samples--;
    // The last one leaves exactly nothing: sums of fractions would leave crumbs.
    entry.bytes = entry.samples == 0 ? 0 : entry.bytes - static_cast<double>(size) * scale;
    entry.allocations = entry.samples == 0 ? 0 : entry.allocations - scale;
    current_ = std::max(0.0, current_ - static_cast<double>(size) * scale);
  }

  void Clear() {
    entries_.assign(entries_.size(), Entry());
    current_ = peak_ = 0;
    era_++;
  }
  void ResetPeak() { peak_ = current_; }

  uint32_t era() const { return era_; }
  double current() const { return current_; }
  double peak() const { return peak_; }
  // By trace index.
  const std::vector<Entry>& entries() const { return entries_; }
  size_t OwnMemory() const { return entries_.capacity() * sizeof(Entry); }

 private:
  std::vector<Entry> entries_;
  double current_ = 0;
  double peak_ = 0;
  uint32_t era_ = 0;
};

}  // namespace heapproof
