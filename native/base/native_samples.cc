#include "native_samples.h"

#include <algorithm>
#include <bit>
#include <exception>
#include <utility>

#include "clock.h"
#include "fork_guard.h"
#include "native_callers.h"

namespace heapproof {

constinit std::atomic<uint32_t> NativeSamples::epoch_{1};
constinit AddressFilter NativeSamples::filter_;
NativeSamples& native_samples = *new NativeSamples();  // never destroyed: hooks may still run while the process ends

void NativeSizes::Add(uint64_t size) {
  const size_t bucket = size <= 1 ? 0 : std::min<size_t>(std::bit_width(size - 1), kBuckets - 1);
  count[bucket]++;
  bytes[bucket] += size;
}

bool NativeSamples::OpenFilter() { return filter_.Open(); }

// A countdown of a recording that has ended would let the next one wait: it is drawn anew for every recording.
void NativeSamples::LearnRule(NativeThread& thread) noexcept {
  const NativeQuiet quiet;
  const std::lock_guard lock(mutex_);
  thread.epoch = epoch();
  if (thread.of_isolate) return;  // Begin and End see to these
  thread.sampler = nullptr;
  if (sessions_.empty()) return;
  try {
    const NativeSession& session = *sessions_.front();
    if (thread.number == 0) thread.number = next_thread_++;
    thread.rule = session.rule;
    Random seeds(session.seed + thread.number);
    thread.own_sampler = std::make_unique<Sampler>(thread.rule, seeds.Next());
    thread.sampler = thread.own_sampler.get();
  } catch (const std::exception&) {
    // No memory: this thread is not sampled.
  }
}

void NativeSamples::OnChosen(NativeThread& thread, const void* block, uint64_t size, const void* caller) noexcept {
  const NativeQuiet quiet;
  NativeSample sample{size, MonotonicNanoseconds(), native_callers.Find(caller), 0, 0};
  if (thread.of_isolate) {
    NativeSession* session = thread.session;
    if (session == nullptr) return;
    if (session->listener == nullptr) return session->own_sizes.Add(size);
    session->listener->OnNativeAllocated(sample);
    const std::lock_guard lock(mutex_);
    Insert(block, {session, next_serial_++, sample});
    return;
  }

  NativeSession* wake = nullptr;
  {
    const std::lock_guard lock(mutex_);
    if (thread.epoch != epoch() || sessions_.empty()) return;  // the recording it was chosen for has just ended
    NativeSession* session = sessions_.front().get();
    if (session->listener == nullptr) return session->other_sizes.Add(size);
    if (session->queued_allocations >= NativeHeap::kQueueLimit) {
      session->lost++;
      return;
    }
    sample.thread = thread.number;
    const LiveNative entry{session, next_serial_++, sample};
    if (!Queue(block, entry, 0)) return;
    Insert(block, entry);
    if (session->queue.size() >= NativeHeap::kQueueLimit / 2 && !session->said_long) {
      session->said_long = true;
      wake = session;
    }
  }
  if (wake != nullptr) Say(wake);
}

void NativeSamples::Say(NativeSession* session) {
  const std::lock_guard wake_lock(wake_mutex_);
  NativeListener* listener = nullptr;
  {
    const std::lock_guard lock(mutex_);
    if (IsThere(session, UINT64_MAX)) listener = session->listener;
  }
  if (listener != nullptr) listener->OnNativeQueueLong();
}

void NativeSamples::OnFreed(const void* block) noexcept {
  if (const auto gone = Take(block)) Report(block, *gone);
}

std::optional<LiveNative> NativeSamples::Take(const void* block) noexcept {
  // What is quiet is our own, and may come from inside the lock. In a forked child, whose threads do not know that they
  // should be, the lock may be held for ever.
  if (native_thread_state.quiet != 0 || InForkedChild()) return std::nullopt;
  const NativeQuiet quiet;
  const std::lock_guard lock(mutex_);
  auto entry = live_.Remove(block);
  if (entry) {
    filter_.Remove(block);
    entry->session->live--;
  }
  return entry;
}

void NativeSamples::Report(const void* block, const LiveNative& gone) noexcept {
  const NativeQuiet quiet;
  const uint64_t now = MonotonicNanoseconds();
  NativeSession* session = gone.session;
  // Its own session is there as long as the thread is in here: only this thread can end it.
  const NativeThread* thread = native_thread_state.record;
  if (gone.sample.thread == 0 && thread != nullptr && thread->session == session) {
    return session->listener->OnNativeFreed(gone.sample, now);
  }
  const std::lock_guard lock(mutex_);
  if (IsThere(session, gone.serial)) Queue(block, gone, now);
}

void NativeSamples::PutBack(const void* block, const LiveNative& entry) noexcept {
  const NativeQuiet quiet;
  const std::lock_guard lock(mutex_);
  if (IsThere(entry.session, entry.serial)) Insert(block, entry);
}

bool NativeSamples::IsThere(const NativeSession* session, uint64_t serial) const {
  return std::any_of(sessions_.begin(), sessions_.end(), [&](const auto& other) {
    return other.get() == session && other->first_serial <= serial;
  });
}

// With the lock held. A block that seems to be there already was freed where nobody saw it.
void NativeSamples::Insert(const void* block, const LiveNative& entry) {
  try {
    if (const auto old = live_.Remove(block)) {
      filter_.Remove(block);
      old->session->live--;
      Queue(block, *old, entry.sample.nanoseconds);
    }
    live_.Insert(block, entry);
    filter_.Add(block);
    entry.session->live++;
  } catch (const std::exception&) {
    entry.session->lost++;
  }
}

// With the lock held. There is room for every free: it takes the place of a live block.
bool NativeSamples::Queue(const void* block, const LiveNative& entry, uint64_t freed) {
  NativeSession& session = *entry.session;
  try {
    session.queue.push_back({block, entry.serial, entry.sample, freed});
    if (freed == 0) session.queued_allocations++;
    return true;
  } catch (const std::exception&) {
    session.lost++;
    return false;
  }
}

std::string NativeSamples::Begin(NativeListener* listener, const SamplingRule& rule, uint64_t seed) {
  NativeThread* thread = ThisNativeThread();
  if (thread == nullptr) return "this thread cannot be given numbers of its own";
  if (thread->session != nullptr) return "this isolate's native memory is being sampled already";
  auto session = std::make_unique<NativeSession>();
  session->listener = listener;
  session->rule = rule;
  session->seed = seed;
  session->registered = !thread->of_isolate;
  thread->own_sampler = std::make_unique<Sampler>(session->rule, seed);
  if (session->registered) SetOfIsolate(thread, true);
  thread->session = session.get();
  thread->sampler = thread->own_sampler.get();
  const std::lock_guard lock(mutex_);
  session->first_serial = next_serial_;
  sessions_.push_back(std::move(session));
  if (sessions_.size() == 1) epoch_.fetch_add(1, std::memory_order_relaxed);
  return "";
}

bool NativeSamples::End(NativeListener* listener) {
  NativeThread* thread = ThisNativeThread();
  if (thread == nullptr || thread->session == nullptr || thread->session->listener != listener) return false;
  NativeSession* session = thread->session;
  thread->sampler = nullptr;
  thread->own_sampler.reset();
  thread->session = nullptr;
  if (session->registered) SetOfIsolate(thread, false);
  std::unique_ptr<NativeSession> ended;
  const std::lock_guard wake_lock(wake_mutex_);
  const std::lock_guard lock(mutex_);
  const auto at = std::find_if(sessions_.begin(), sessions_.end(), [&](const auto& s) { return s.get() == session; });
  if (at == sessions_.begin()) epoch_.fetch_add(1, std::memory_order_relaxed);
  ended = std::move(*at);
  sessions_.erase(at);
  live_.Filter([&](uintptr_t block, const LiveNative& entry) {
    if (entry.session == session) filter_.Remove(reinterpret_cast<const void*>(block));
    return entry.session != session;
  });
  if (live_.size() == 0) filter_.Clear();
  return true;
}

// With the lock held. It stays what it is after that: whoever has the listener sees to it that nobody ends it meanwhile.
NativeSession* NativeSamples::Of(const NativeListener* listener) const {
  if (listener == nullptr) {
    const NativeThread* thread = native_thread_state.record;
    const bool sizes = thread != nullptr && thread->session != nullptr && thread->session->listener == nullptr;
    return sizes ? thread->session : nullptr;
  }
  const auto at = std::find_if(sessions_.begin(), sessions_.end(), [&](const auto& s) { return s->listener == listener; });
  return at == sessions_.end() ? nullptr : at->get();
}

void NativeSamples::Deliver(NativeListener* listener) {
  NativeSession* session = nullptr;
  std::vector<NativeEvent> events;
  {
    const std::lock_guard lock(mutex_);
    session = Of(listener);
    if (session == nullptr || session->queue.empty()) return;
    events.swap(session->queue);
    session->queued_allocations = 0;
    session->said_long = false;
  }
  auto& told = session->told;
  for (NativeEvent& event : events) {
    if (event.freed == 0) {
      listener->OnNativeAllocated(event.sample);
      told[event.serial] = {event.block, event.sample};
      continue;
    }
    if (const auto found = told.find(event.serial); found != told.end()) {
      event.sample = found->second.sample;
      told.erase(found);
    }
    listener->OnNativeFreed(event.sample, event.freed);
  }
  const std::lock_guard lock(mutex_);
  std::erase_if(told, [&](const auto& entry) {
    LiveNative* live = live_.Find(entry.second.block);
    // Not there any more: its end is already queued, and will look here.
    if (live == nullptr || live->serial != entry.first) return false;
    live->sample = entry.second.sample;
    return true;
  });
}

uint64_t NativeSamples::Lost(NativeListener* listener) {
  const std::lock_guard lock(mutex_);
  const NativeSession* session = Of(listener);
  return session == nullptr ? 0 : session->lost;
}

size_t NativeSamples::OwnMemory(NativeListener* listener) {
  const std::lock_guard lock(mutex_);
  const NativeSession* session = Of(listener);
  if (session == nullptr) return 0;
  return sizeof *session + session->live * AddressMap<LiveNative>::kBytesPerEntry +
         session->queue.capacity() * sizeof(NativeEvent) +
         session->told.size() * (sizeof(std::pair<uint64_t, NativeSession::Told>) + 2 * sizeof(void*));
}

void NativeSamples::ReadSizes(NativeSizes& into) {
  const std::lock_guard lock(mutex_);
  const NativeSession* session = Of(nullptr);
  if (session == nullptr) return;
  for (const NativeSizes* sizes : {&session->own_sizes, &session->other_sizes}) {
    for (size_t i = 0; i < NativeSizes::kBuckets; i++) {
      into.count[i] += sizes->count[i];
      into.bytes[i] += sizes->bytes[i];
    }
  }
}

}  // namespace heapproof
