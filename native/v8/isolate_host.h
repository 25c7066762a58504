// Everything heapproof knows about one isolate: its counters, its code, its recording.
#pragma once

#include <memory>
#include <optional>

#include <v8.h>

#include "../base/watchdog.h"
#include "array_buffer_counter.h"
#include "code_watcher.h"
#include "heap_counter.h"
#include "host.h"
#include "peak_watch.h"
#include "postponement.h"
#include "session.h"
#include "size_stats.h"

namespace heapproof {

class IsolateHost {
 public:
  // Takes the counter over.
  IsolateHost(v8::Isolate* isolate, ArrayBufferCounter* array_buffers);
  ~IsolateHost();
  IsolateHost(const IsolateHost&) = delete;
  IsolateHost& operator=(const IsolateHost&) = delete;

  // The host of `isolate`, or nullptr once it is gone. From any thread.
  static IsolateHost* Of(v8::Isolate* isolate);

  v8::Isolate* isolate() const { return isolate_; }
  HeapCounter& heap() { return heap_; }
  ArrayBufferCounter& array_buffers() { return *array_buffers_; }
  CodeWatcher& code() { return code_; }
  Totals CurrentTotals() const;

  // What the first recording would do: the smaller the heap, the sooner it is done.
  void NoteOlderCode();
  std::string Start(const SessionOptions& options);
  std::string Stop();
  void Drain();
  // The recording or live view under way, or nullptr.
  Session* session() { return session_.get(); }

  // Whether a script of the last recording that ended has a source map in a file of its own.
  bool named_source_maps() const { return named_source_maps_; }
  const std::vector<double>& recorded_sums() const { return recorded_sums_; }
  std::vector<Bytes> TakeRecording() { return std::move(recorded_); }

  std::string StartStats(const StatsOptions& options);
  void StopStats(double* into);
  std::string StartPeak(uint64_t step, uint32_t most_collections);
  void StopPeak(double* into);
  // The watch for a peak under way, or nullptr.
  PeakWatch* peak() { return peak_.get(); }
  // What the thread allocates on V8's heap from now on is ours, until it is said to be so no longer; nests.
  void SetOurs(bool on);
  void BeginPage();
  void PostponeCollections() { postponement_.Renew(); }
  // Counts native memory without a recording, or no longer; nests.
  std::string CountNative(bool on);
  // Between the recordings of tests: what they change in the process, and the threads they begin, stay until the end.
  void HoldSampler(bool on);
  size_t OwnMemory();
  bool is_busy() const { return session_ != nullptr || stats_ != nullptr; }

  int users = 0;  // how often the add-on was loaded into this isolate (once per registry of a test runner)

 private:
  // Nothing to write. The watchdog's thread, and that which waits for signals, go with the last one watched: to begin
  // and end both for each test takes longer than all the rest of its recording does to begin and end.
  struct NoRecording final : Watched {
    void OnTick() noexcept override {}
    bool OnEnding(int) noexcept override { return true; }
  };

  static void BeforeCollection(v8::Isolate*, v8::GCType, v8::GCCallbackFlags, void* host);
  static void AfterCollection(v8::Isolate*, v8::GCType, v8::GCCallbackFlags, void* host);

  v8::Isolate* const isolate_;
  HeapCounter heap_;
  ArrayBufferCounter* const array_buffers_;
  CodeWatcher code_;
  Postponement postponement_{isolate_};
  std::unique_ptr<Session> session_;
  std::unique_ptr<SizeStats> stats_;
  std::unique_ptr<PeakWatch> peak_;
  bool named_source_maps_ = false;
  std::vector<double> recorded_sums_;
  std::vector<Bytes> recorded_;
  int native_counts_ = 0;
  bool held_ = false;
  bool holds_sampler_ = false;
  NoRecording no_recording_;
  int ours_ = 0;
  std::optional<HeapCounter::Exclude> exclude_;
};

}  // namespace heapproof
