// What the samples of each trace come to: all that is wanted of the recording of a test that passes, without its events.
// The same sums as src/core/reduce/trace-sum.ts makes of these; the formula of the variance is derived there.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace heapproof {

class TraceSums {
 public:
  // An allocation of `size` bytes that stands for `scale` of its kind.
  void Allocated(uint32_t trace, uint64_t size, double scale) {
    if (sums_.size() <= trace) sums_.resize(std::max<size_t>(trace + 1, sums_.size() * 2));
    Sum& sum = sums_[trace];
    const double weight = static_cast<double>(size) * scale;
    sum.bytes += weight;
    sum.allocations += scale;
    sum.samples++;
    sum.variance += weight * weight * (1 - 1 / scale);
  }

  // One that was told of is gone.
  void Freed(uint32_t trace, uint64_t size, double scale) {
    sums_[trace].freed += static_cast<double>(size) * scale;
    sums_[trace].frees++;
  }

  // Appends seven numbers for each trace with samples, in the order of their indices: index, bytes, freed, allocations,
  // samples, frees, variance.
  void AppendTo(std::vector<double>& numbers) const {
    for (size_t trace = 0; trace < sums_.size(); trace++) {
      const Sum& sum = sums_[trace];
      if (sum.samples == 0) continue;
      numbers.insert(numbers.end(), {static_cast<double>(trace), sum.bytes, sum.freed, sum.allocations,
                                     static_cast<double>(sum.samples), static_cast<double>(sum.frees), sum.variance});
    }
  }

  size_t OwnMemory() const { return sums_.capacity() * sizeof(Sum); }

 private:
  struct Sum {
    double bytes = 0, freed = 0, allocations = 0, variance = 0;
    uint64_t samples = 0, frees = 0;
  };
  std::vector<Sum> sums_;  // by trace index
};

}  // namespace heapproof
