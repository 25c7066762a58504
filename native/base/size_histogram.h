// How many allocations of which size: one bucket for each power of two, up to and with it.
//
//     bucket 0: 0 and 1 bytes    1: 2    2: 3 and 4    3: 5 to 8    ...    n: 2^(n-1) + 1 to 2^n
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace heapproof {

class SizeHistogram {
 public:
  static constexpr size_t kBuckets = 64;
  struct Bucket {
    double count = 0;
    double bytes = 0;
  };

  static size_t BucketOf(uint64_t size) {
    return size <= 1 ? 0 : std::min<size_t>(std::bit_width(size - 1), kBuckets - 1);
  }

  // An allocation of `size` bytes that stands for `scale` of its kind.
  void Add(uint64_t size, double scale) {
    Bucket& bucket = buckets_[BucketOf(size)];
    bucket.count += scale;
    bucket.bytes += static_cast<double>(size) * scale;
  }

  void AddBucket(size_t bucket, uint64_t count, uint64_t bytes) {
    buckets_[bucket].count += static_cast<double>(count);
    buckets_[bucket].bytes += static_cast<double>(bytes);
  }

  const std::array<Bucket, kBuckets>& buckets() const { return buckets_; }

 private:
  std::array<Bucket, kBuckets> buckets_{};
};

}  // namespace heapproof
