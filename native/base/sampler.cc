#include "sampler.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace heapproof {

size_t SamplingRule::RangeOf(uint64_t size) const {
  const auto above = std::upper_bound(table.begin(), table.end(), size,
                                      [](uint64_t s, const Range& range) { return s < range.bound; });
  return static_cast<size_t>(above - table.begin());
}

double SamplingRule::Probability(uint64_t size) const {
  if (!by_table()) return PoissonProbability(interval, size);
  const size_t range = RangeOf(size);
  return range == table.size() ? 1 : table[range].probability;
}

uint64_t SamplingRule::DrawInterval() const {
  if (!by_table()) return std::max<uint64_t>(1, static_cast<uint64_t>(interval));
  if (table.empty()) return 1;
  double draw = static_cast<double>(kLargestDraw);
  for (size_t i = 0; i <= table.size(); i++) {
    const double smallest = static_cast<double>(std::max(i == 0 ? 0 : table[i - 1].bound, kSmallestObject));
    if (i < table.size() && smallest >= static_cast<double>(table[i].bound)) continue;  // holds no object
    const double probability = std::min(i == table.size() ? 1 : table[i].probability, kAlmostAlways);
    if (probability > 0) draw = std::min(draw, smallest / -std::log1p(-probability));
  }
  return std::max<uint64_t>(1, static_cast<uint64_t>(draw));
}

double PoissonProbability(double interval, uint64_t size) {
  return interval <= 1 ? 1 : -std::expm1(-static_cast<double>(size) / interval);
}

double ThinnedProbability(const SamplingRule& rule, uint64_t draw, uint64_t size) {
  const double drawn = PoissonProbability(static_cast<double>(draw), size);
  return rule.by_table() ? std::min(rule.Probability(size), drawn) : drawn;
}

Sampler::Sampler(const SamplingRule& rule, uint64_t seed) : rule_(&rule), random_(seed) {
  if (!rule.by_table()) DrawDistance();
  for (const SamplingRule::Range& range : rule.table) trials_.push_back(DrawTrials(range.probability));
}

bool Sampler::ChooseByTable(uint64_t size) {
  const size_t range = rule_->RangeOf(size);
  if (range == trials_.size()) return true;
  if (--trials_[range] > 0) return false;
  trials_[range] = DrawTrials(rule_->table[range].probability);
  return true;
}

void Sampler::DrawDistance() { distance_ = -std::log(random_.Uniform()) * rule_->interval; }

// The number of independent trials up to and with the first success: ceil(ln u / ln(1 - p)), by inverting the geometric
// distribution P(trials > k) = (1 - p)^k.
double Sampler::DrawTrials(double probability) {
  if (probability >= 1) return 1;
  if (probability <= 0) return std::numeric_limits<double>::infinity();
  return std::max(1.0, std::ceil(std::log(random_.Uniform()) / std::log1p(-probability)));
}

}  // namespace heapproof
