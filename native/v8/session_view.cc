// What a session answers about what is alive now.
#include "../base/clock.h"
#include "session.h"

namespace heapproof {

namespace {

// The memory of an array buffer, or of a view of all of it: a small Buffer of Node is a part of one that others share.
const void* WholeBuffer(v8::Local<v8::Value> object) {
  if (object->IsArrayBuffer()) return object.As<v8::ArrayBuffer>()->Data();
  if (!object->IsArrayBufferView()) return nullptr;
  const auto view = object.As<v8::ArrayBufferView>();
  if (!view->HasBuffer()) return nullptr;  // asking for it would make one
  const v8::Local<v8::Value> buffer = view->Buffer();
  if (!buffer->IsArrayBuffer()) return nullptr;
  const auto whole = buffer.As<v8::ArrayBuffer>();
  return view->ByteLength() == whole->ByteLength() ? whole->Data() : nullptr;
}

}  // namespace

// The polled source tells of allocations later: before a change it is asked for those that were made until now.
void Session::SetOurs(bool ours) {
  Protected([&] {
    CompletePendingSample();
    Harvest();
    ours_ = ours || !failure_.empty() || ended_;
  });
}

uint32_t Session::TraceOf(v8::Local<v8::Value> object) {
  uint32_t trace = 0;
  Protected([&] {
    CompletePendingSample();
    DeliverQueues();
    if (!hooked_ || !failure_.empty()) return;  // then V8 has deleted its samples without telling
    const LiveSample* found = nullptr;
    if (direct_) found = samples_.FindIf([&](const void* sample) { return IsSampleOf(sample, object); });
    if (found == nullptr) found = buffers_.Find(WholeBuffer(object));
    if (found != nullptr && found->era == live_.era()) trace = found->trace;
  });
  return trace;
}

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
    bytes += traces_.OwnMemory() + samples_.OwnMemory() + buffers_.OwnMemory() + live_.OwnMemory() + sums_.OwnMemory() +
             writer_.OwnMemory() + walker_.OwnMemory() + (native_ ? TheNativeHeap().OwnMemory(this) : 0) +
             (polled_ ? polled_->OwnMemory() : 0);
  });
  return bytes;
}

}  // namespace heapproof
