// Chooses which allocations are recorded, by one of two rules.
//
// By an interval, as if every byte were drawn independently with probability 1 / interval. With an interval of 100,000
// bytes: a 100 byte allocation is chosen once in about 1,000; one of 100,000 bytes with probability 63.2 %; one of
// 1,000,000 bytes with 99.995 %. Drawing each byte is a Poisson process, so the distance to the next drawn byte is
// exponential with mean `interval`, and an allocation of n bytes is chosen with
//
//     p(n) = P(distance <= n) = 1 - e^(-n / interval)
//
// The process has no memory: after a hit the rest of the block is not charged to the next distance.
//
// By a table of probabilities by size, {128: 0.0001, 8192: 0.1}: below 128 bytes one in 10,000, from 128 to 8,191 one in
// ten, from 8,192 on everything. Each allocation is a trial of its own; to spare the hot path a random number each time,
// the number of trials up to the next success is drawn instead (geometric), for each range.
//
// Either way a chosen allocation stands for 1 / p allocations of its size, and size / p bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace heapproof {

struct SamplingRule {
  struct Range {
    uint64_t bound;      // sizes below this, and not below the bound before
    double probability;  // 0 to 1
  };

  double interval = 0;       // mean bytes between samples, 1 or less: everything; 0: the table counts
  std::vector<Range> table;  // ascending; sizes from the last bound on are always chosen

  bool by_table() const { return interval == 0; }
  bool everything() const { return by_table() ? table.empty() : interval <= 1; }

  // The index of the range that holds `size`; table.size() above the last.
  size_t RangeOf(uint64_t size) const;
  double Probability(uint64_t size) const;

  // The interval at which V8 has to draw so that what it draws can be thinned to this rule: at the smallest size of
  // every range it must choose more often than the rule wants. Certainty it cannot give (other than at interval 1, which
  // is far too slow); kAlmostAlways is what the smallest size of a range with more than that gets.
  static constexpr double kAlmostAlways = 0.999;
  static constexpr uint64_t kSmallestObject = 16;  // of V8's heap
  static constexpr uint64_t kLargestDraw = 1 << 30;
  uint64_t DrawInterval() const;
};

// P(n) of drawing every byte at `interval`.
double PoissonProbability(double interval, uint64_t size);

// splitmix64: one multiplication chain a number, any seed will do.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}
  uint64_t Next() {
    uint64_t z = state_ += 0x9E3779B97F4A7C15ull;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ z >> 27) * 0x94D049BB133111EBull;
    return z ^ z >> 31;
  }
  // In (0, 1], so that its logarithm is finite: the top 53 bits and one.
  double Uniform() { return (static_cast<double>(Next() >> 11) + 1) * 0x1p-53; }

 private:
  uint64_t state_;
};

// One stream of decisions. The rule must outlive it. Not for several threads at once.
class Sampler {
 public:
  Sampler(const SamplingRule& rule, uint64_t seed);

  bool Choose(uint64_t size) {
    if (rule_->by_table()) return ChooseByTable(size);
    if (rule_->interval <= 1) return true;
    distance_ -= static_cast<double>(size);
    if (distance_ > 0) return false;
    DrawDistance();
    return true;
  }

 private:
  bool ChooseByTable(uint64_t size);
  void DrawDistance();
  double DrawTrials(double probability);

  const SamplingRule* rule_;
  Random random_;
  double distance_ = 0;          // bytes to the next hit
  std::vector<double> trials_;   // for each range, trials to the next success
};

// How often an allocation is recorded for which V8 draws first, at `draw`.
double ThinnedProbability(const SamplingRule& rule, uint64_t draw, uint64_t size);

// Thins what V8 has drawn at rule.DrawInterval() down to the rule. An allocation that V8 draws with probability d and
// that is kept with p / d is recorded with probability p; where d < p everything is kept, and d it is.
class Thinner {
 public:
  Thinner(const SamplingRule& rule, uint64_t seed) : rule_(rule), draw_(rule.DrawInterval()), random_(seed) {}

  bool Keep(uint64_t size) {
    if (!rule_.by_table()) return true;
    const double keep = rule_.Probability(size) / PoissonProbability(static_cast<double>(draw_), size);
    return keep >= 1 || random_.Uniform() <= keep;
  }

 private:
  const SamplingRule& rule_;
  const uint64_t draw_;
  Random random_;
};

}  // namespace heapproof
