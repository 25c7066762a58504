#include "code_listeners.h"

#include <algorithm>
#include <memory>
#include <mutex>
#include <utility>

#include "../base/address_slots.h"

namespace heapproof {

namespace {

v8::Local<v8::Private> Name(v8::Isolate* isolate) {
  return v8::Private::ForApi(isolate, v8::String::NewFromUtf8Literal(isolate, "heapproof:code-listeners:1"));
}

// What this copy made, by isolate.
template <typename Shared>
AddressSlots<Shared>& TheShared() {
  static AddressSlots<Shared> slots;
  return slots;
}

std::mutex& SlotsMutex() {
  static auto* mutex = new std::mutex();  // lives as long as the process
  return *mutex;
}

}  // namespace

void CodeListeners::Dispatch(const v8::JitCodeEvent* event) {
  Shared* shared = TheShared<Shared>().Find(event->isolate);
  if (shared == nullptr) return;
  for (const auto& place : shared->listeners) {
    if (const v8::JitCodeEventHandler listener = place.load(std::memory_order_acquire)) listener(event);
  }
}

CodeListeners::Shared* CodeListeners::Make(v8::Isolate* isolate) {
  auto shared = std::make_unique<Shared>();
  shared->dispatch = &Dispatch;
  shared->dispose = &Dispose;
  const std::lock_guard lock(SlotsMutex());
  TheShared<Shared>().Remove(isolate);  // of an earlier one at this address, from which it could not be taken
  return TheShared<Shared>().Put(isolate, shared.get()) ? shared.release() : nullptr;
}

// Nobody listens any more, so no thread is in Dispatch.
void CodeListeners::Dispose(v8::Isolate* isolate, Shared* shared) {
  const std::lock_guard lock(SlotsMutex());
  TheShared<Shared>().Remove(isolate);
  delete shared;
}

CodeListeners::Shared* CodeListeners::FindOrMake() {
  const v8::HandleScope scope(isolate_);
  const v8::TryCatch quiet(isolate_);
  const v8::Local<v8::Context> context = isolate_->GetCurrentContext();
  if (context.IsEmpty()) return nullptr;
  const v8::Local<v8::Object> global = context->Global();
  v8::Local<v8::Value> known;
  if (global->GetPrivate(context, Name(isolate_)).ToLocal(&known) && known->IsBigInt()) {
    return reinterpret_cast<Shared*>(static_cast<uintptr_t>(known.As<v8::BigInt>()->Uint64Value()));
  }
  Shared* made = Make(isolate_);
  if (made == nullptr) return nullptr;
  const auto address = v8::BigInt::NewFromUnsigned(isolate_, reinterpret_cast<uintptr_t>(made));
  if (global->SetPrivate(context, Name(isolate_), address).FromMaybe(false)) return made;
  Dispose(isolate_, made);
  return nullptr;
}

void CodeListeners::Join(v8::JitCodeEventHandler listener) {
  own_ = listener;
  if (Shared* shared = FindOrMake()) shared_ = shared;
  for (auto& place : shared_->listeners) {
    v8::JitCodeEventHandler nobody = nullptr;
    if (place.compare_exchange_strong(nobody, listener)) break;
  }
  Tell();
}

void CodeListeners::Leave() {
  for (auto& place : shared_->listeners) {
    if (place == own_) place = nullptr;
  }
  own_ = nullptr;
  Tell();
  Shared* const shared = std::exchange(shared_, &alone_);
  const bool used = std::any_of(std::begin(shared->listeners), std::end(shared->listeners),
                                [](const auto& place) { return place != nullptr; });
  if (used || shared == &alone_) return;
  const v8::HandleScope scope(isolate_);
  const v8::TryCatch quiet(isolate_);
  const v8::Local<v8::Context> context = isolate_->GetCurrentContext();
  if (context.IsEmpty() || !context->Global()->DeletePrivate(context, Name(isolate_)).FromMaybe(false)) return;
  shared->dispose(isolate_, shared);
}

// Sets V8's listener: the only one, or that which tells them all.
void CodeListeners::Tell(v8::JitCodeEventOptions options) {
  v8::JitCodeEventHandler listener = nullptr;
  for (const auto& place : shared_->listeners) {
    if (place == nullptr) continue;
    if (listener != nullptr) {
      listener = shared_->dispatch;
      break;
    }
    listener = place;
  }
  isolate_->SetJitCodeEventHandler(options, listener);
}

void CodeListeners::ListExisting() {
  shared_->listing++;
  Tell(v8::kJitCodeEventEnumExisting);
  shared_->listing--;
}

void CodeListeners::Pause() {
  if (own_ == nullptr || shared_->telling > 0 || shared_->listing > 0) return;
  paused_ = true;
  isolate_->SetJitCodeEventHandler(v8::kJitCodeEventDefault, nullptr);
}

void CodeListeners::Resume() {
  if (!paused_) return;
  paused_ = false;
  Tell();
}

}  // namespace heapproof
