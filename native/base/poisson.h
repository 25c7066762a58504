// Chooses allocations as if every byte were drawn independently with probability 1 / interval.
//
// With an interval of 100,000 bytes: a 100 byte allocation is chosen once in about 1,000; one of 100,000 bytes with
// probability 63.2 %; one of 1,000,000 bytes with 99.995 %.
//
// Drawing each byte is a Poisson process, so the distance to the next drawn byte is exponential with mean `interval`, and
// an allocation of n bytes is chosen with p = P(distance <= n) = 1 - e^(-n / interval). It stands for 1 / p allocations
// of its size. The process has no memory: after a hit the rest of the block is not charged to the next distance.
#pragma once

#include <cmath>
#include <cstdint>

namespace heapproof {

class PoissonSampler {
 public:
  PoissonSampler(double interval, uint64_t seed) : interval_(interval), state_(seed) { Draw(); }

  bool Choose(uint64_t size) {
    if (interval_ <= 1) return true;
    distance_ -= static_cast<double>(size);
    if (distance_ > 0) return false;
    Draw();
    return true;
  }

 private:
  void Draw() {
    // splitmix64; the top 53 bits give a number in (0, 1], so the logarithm is finite.
    uint64_t z = state_ += 0x9E3779B97F4A7C15ull;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ z >> 27) * 0x94D049BB133111EBull;
    z ^= z >> 31;
    const double uniform = (static_cast<double>(z >> 11) + 1) * 0x1p-53;
    distance_ = -std::log(uniform) * interval_;
  }

  const double interval_;
  uint64_t state_;
  double distance_ = 0;
};

}  // namespace heapproof
