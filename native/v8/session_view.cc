// What a session answers about what is alive now.
#include "../base/clock.h"
#include "session.h"

namespace heapproof {

std::vector<double> Session::LiveTraces() {
  std::vector<double> numbers;
  Protected([&] {
    CompletePendingSample();
    DeliverQueues();
    Harvest();
    for (size_t trace = 0; trace < live_.entries().size(); trace++) {
      const LiveView::Entry& entry = live_.entries()[trace];
      if (entry.samples == 0) continue;
      numbers.insert(numbers.end(), {static_cast<double>(trace), static_cast<double>(entry.samples), entry.bytes,
                                     entry.allocations});
    }
  });
  return numbers;
}

LiveTotals Session::Live() {
  LiveTotals totals;
  Protected([&] {
    CompletePendingSample();
    DeliverQueues();
    if (polled_ && polled_->Affordable()) Harvest();
    totals = {live_.current(), live_.peak()};
  });
  return totals;
}

void Session::ResetPeak() {
  Protected([&] {
    CompletePendingSample();
    live_.ResetPeak();
  });
}

void Session::ClearTraces() {
  Protected([&] {
    CompletePendingSample();
    DeliverQueues();
    Harvest();
    live_.Clear();
    cleared_nanoseconds_ = MonotonicNanoseconds();
  });
}

Bytes Session::Metadata() {
  Drain();
  Bytes copy;
  Protected([&] { copy = writer_.memory(); });
  return copy;
}

size_t Session::OwnMemory() {
  size_t bytes = sizeof *this;
  Protected([&] {
    bytes += traces_.OwnMemory() + samples_.OwnMemory() + buffers_.OwnMemory() + live_.OwnMemory() +
             writer_.OwnMemory() + walker_.OwnMemory() + (native_ ? TheNativeHeap().OwnMemory(this) : 0) +
             (polled_ ? polled_->OwnMemory() : 0);
  });
  return bytes;
}

}  // namespace heapproof
