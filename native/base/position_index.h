// Which functions have a source position: a multimap from position to function, as a sorted array with an unsorted rest.
//
//     entries_:  [ sorted ............................ | rest in the order it came ]
//                                                      ^ sorted_
//
// Code is announced far more often than it is asked for here, and a hash table with a node for each of some hundred
// thousand positions would be most of what watching costs. The rest is searched from end to end, and sorted in as soon as
// these searches have gone through as many entries as there are: so they cost no more than the sorting.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace heapproof {

class PositionIndex {
 public:
  void Add(int32_t position, uint32_t function) { entries_.push_back({position, function}); }

  // Calls `visit(function)` for each function that has `position`, in no order.
  template <typename Visit>
  void ForEach(int32_t position, Visit&& visit) {
    searched_ += entries_.size() - sorted_;
    if (searched_ > entries_.size()) Sort();
    const auto end = entries_.begin() + static_cast<ptrdiff_t>(sorted_);
    for (auto it = std::lower_bound(entries_.begin(), end, Entry{position, 0}); it != end && it->first == position; ++it) {
      visit(it->second);
    }
    for (auto it = end; it != entries_.end(); ++it) {
      if (it->first == position) visit(it->second);
    }
  }

  // Removes the entries of functions for which `is_dead(function)`.
  template <typename IsDead>
  void Remove(IsDead&& is_dead) {
    Sort();
    std::erase_if(entries_, [&](const Entry& entry) { return is_dead(entry.second); });
    sorted_ = entries_.size();
  }

  size_t OwnMemory() const { return entries_.capacity() * sizeof(Entry); }

 private:
  using Entry = std::pair<int32_t, uint32_t>;

  void Sort() {
    const auto middle = entries_.begin() + static_cast<ptrdiff_t>(sorted_);
    std::sort(middle, entries_.end());
    std::inplace_merge(entries_.begin(), middle, entries_.end());
    sorted_ = entries_.size();
    searched_ = 0;
  }

  std::vector<Entry> entries_;
  size_t sorted_ = 0;
  size_t searched_ = 0;  // entries of the rest, since it was sorted in
};

}  // namespace heapproof
