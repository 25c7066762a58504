#include "native_hooks.h"

#include "got_patch.h"

#if HEAPPROOF_HAS_ELF

#include <cstddef>
#include <exception>
#include <vector>

#include "fork_guard.h"
#include "native_callers.h"
#include "native_samples.h"
#include "native_threads.h"

namespace heapproof {

namespace {

enum Function {
  kMalloc, kCalloc, kRealloc, kReallocArray, kFree, kPosixMemalign, kAlignedAlloc, kMemalign, kValloc, kPvalloc,
  kNew, kNewArray, kNewNothrow, kNewArrayNothrow, kNewAligned, kNewArrayAligned, kNewAlignedNothrow,
  kNewArrayAlignedNothrow, kDelete, kDeleteArray, kDeleteSized, kDeleteArraySized, kDeleteNothrow, kDeleteArrayNothrow,
  kDeleteAligned, kDeleteArrayAligned, kDeleteSizedAligned, kDeleteArraySizedAligned, kDeleteAlignedNothrow,
  kDeleteArrayAlignedNothrow, kDlopen, kDlsym, kFunctions
};

// The real ones. Set before a table is touched and never cleared: a thread can still be inside a hook after the end.
void* originals[kFunctions];

template <typename Result, typename... Arguments>
Result Original(Function function, Arguments... arguments) {
  void* original;
  // Another thread may see a patched table just before it sees this, on processors that order memory weakly.
  do {
    original = __atomic_load_n(&originals[function], __ATOMIC_RELAXED);
  } while (__builtin_expect(original == nullptr, 0));
  return reinterpret_cast<Result (*)(Arguments...)>(original)(arguments...);
}

inline NativeThread* Enter(uint64_t bytes, uint64_t calls, uint64_t frees) {
  NativeThread* thread = native_thread_state.active;
  if (__builtin_expect(thread == nullptr, 0)) {
    thread = EnterNativeThread(bytes, calls, frees);
    if (thread == nullptr) return nullptr;
  }
  Count(thread, bytes, calls, frees);
  return thread;
}

inline void* Allocated(void* block, size_t size, const void* caller) {
  if (block == nullptr) return nullptr;
  NativeThread* thread = Enter(size, 1, 0);
  if (thread == nullptr) return block;
  if (__builtin_expect(thread->epoch != NativeSamples::epoch(), 0)) native_samples.LearnRule(*thread);
  if (thread->sampler != nullptr && __builtin_expect(thread->sampler->Choose(size), 0)) {
    native_samples.OnChosen(*thread, block, size, caller);
  }
  return block;
}

template <bool kCounts>
inline void BeforeFree(void* block) {
  if (block == nullptr) return;
  if (kCounts) Enter(0, 0, 1);
  if (__builtin_expect(NativeSamples::MayBeSampled(block), 0)) native_samples.OnFreed(block);
}

#define HEAPPROOF_CALLER __builtin_return_address(0)

// malloc, valloc and every operator new: the size comes first.
template <Function kFunction, typename... More>
void* AllocateHook(size_t size, More... more) {
  return Allocated(Original<void*>(kFunction, size, more...), size, HEAPPROOF_CALLER);
}

// free and every operator delete.
template <Function kFunction, bool kCounts, typename... More>
void FreeHook(void* block, More... more) {
  BeforeFree<kCounts>(block);
  Original<void>(kFunction, block, more...);
}

// aligned_alloc and memalign.
template <Function kFunction>
void* AlignedHook(size_t alignment, size_t size) {
  return Allocated(Original<void*>(kFunction, alignment, size), size, HEAPPROOF_CALLER);
}

void* CallocHook(size_t count, size_t size) {
  return Allocated(Original<void*>(kCalloc, count, size), count * size, HEAPPROOF_CALLER);
}

int PosixMemalignHook(void** into, size_t alignment, size_t size) {
  const int result = Original<int>(kPosixMemalign, into, alignment, size);
  if (result == 0) Allocated(*into, size, HEAPPROOF_CALLER);
  return result;
}

// A sampled block is taken out first: once the real function has moved it, another thread may have its address.
template <bool kCounts, typename Resize>
inline void* Resized(void* block, size_t size, bool too_large, const void* caller, Resize resize) {
  std::optional<LiveNative> sampled;
  if (block != nullptr && __builtin_expect(NativeSamples::MayBeSampled(block), 0)) sampled = native_samples.Take(block);
  void* moved = resize();
  // To no bytes is a free, whatever it returns; no block for some bytes is a failure, and the old block is as it was.
  const bool failed = moved == nullptr && (size != 0 || too_large);
  if (sampled) {
    if (failed) native_samples.PutBack(block, *sampled);
    else native_samples.Report(block, *sampled);
  }
  if (failed || !kCounts) return moved;
  if (block != nullptr) Enter(0, 0, 1);
  return Allocated(moved, size, caller);
}

template <bool kCounts>
void* ReallocHook(void* block, size_t size) {
  return Resized<kCounts>(block, size, false, HEAPPROOF_CALLER,
                          [&] { return Original<void*>(kRealloc, block, size); });
}

template <bool kCounts>
void* ReallocArrayHook(void* block, size_t count, size_t size) {
  size_t bytes = 0;
  const bool too_large = __builtin_mul_overflow(count, size, &bytes);
  return Resized<kCounts>(block, bytes, too_large, HEAPPROOF_CALLER,
                          [&] { return Original<void*>(kReallocArray, block, count, size); });
}

// Add-ons come through here. What they allocate while they are being loaded (in constructors of global objects) is missed.
void* DlopenHook(const char* file, int mode) {
  void* library = Original<void*>(kDlopen, file, mode);
  if (library != nullptr) RefreshNativeHooks();
  return library;
}

// A library that an add-on opens by itself: before it is used, it is asked for its functions. The real dlsym may look where
// the object that calls it says, and finds that by the address to return to: this has to end in a jump, which a compiler
// makes of it only when it optimises.
#if defined(__OPTIMIZE__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define HEAPPROOF_PASSES_ON 1
void* DlsymHook(void* library, const char* symbol) {
  if (native_thread_state.quiet == 0) RefreshNativeHooks();
  return Original<void*>(kDlsym, library, symbol);
}
#endif

// Where frees are looked at and not counted.
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
// The C library resizes and frees while a sanitizer has not set up a new thread yet, and our hooks are instrumented: they
// would be blamed for the marks that a former thread left on the stack.
constexpr unsigned kSeen = kExecutable;
#else
constexpr unsigned kSeen = kExecutable | kRuntime;
#endif

using Align = size_t;             // std::align_val_t
using Nothrow = const void*;      // const std::nothrow_t&

std::vector<GotPatch::Import> Imports() {
  std::vector<GotPatch::Import> imports;
  const auto add = [&](const char* symbol, Function function, auto* hook, unsigned where) {
    imports.push_back({symbol, reinterpret_cast<void*>(hook), &originals[function], where, false});
  };
  const auto allocates = [&](const char* symbol, Function function, auto* hook) { add(symbol, function, hook, kBrought); };
  const auto frees = [&](const char* symbol, Function function, auto* counting, auto* seeing) {
    add(symbol, function, counting, kBrought);
    add(symbol, function, seeing, kSeen);
  };
  allocates("malloc", kMalloc, &AllocateHook<kMalloc>);
  allocates("calloc", kCalloc, &CallocHook);
  allocates("posix_memalign", kPosixMemalign, &PosixMemalignHook);
  allocates("aligned_alloc", kAlignedAlloc, &AlignedHook<kAlignedAlloc>);
  allocates("memalign", kMemalign, &AlignedHook<kMemalign>);
  allocates("valloc", kValloc, &AllocateHook<kValloc>);
  allocates("pvalloc", kPvalloc, &AllocateHook<kPvalloc>);
  allocates("_Znwm", kNew, &AllocateHook<kNew>);
  allocates("_Znam", kNewArray, &AllocateHook<kNewArray>);
  allocates("_ZnwmRKSt9nothrow_t", kNewNothrow, &AllocateHook<kNewNothrow, Nothrow>);
  allocates("_ZnamRKSt9nothrow_t", kNewArrayNothrow, &AllocateHook<kNewArrayNothrow, Nothrow>);
  allocates("_ZnwmSt11align_val_t", kNewAligned, &AllocateHook<kNewAligned, Align>);
  allocates("_ZnamSt11align_val_t", kNewArrayAligned, &AllocateHook<kNewArrayAligned, Align>);
  allocates("_ZnwmSt11align_val_tRKSt9nothrow_t", kNewAlignedNothrow, &AllocateHook<kNewAlignedNothrow, Align, Nothrow>);
  allocates("_ZnamSt11align_val_tRKSt9nothrow_t", kNewArrayAlignedNothrow,
            &AllocateHook<kNewArrayAlignedNothrow, Align, Nothrow>);

  frees("realloc", kRealloc, &ReallocHook<true>, &ReallocHook<false>);
  frees("reallocarray", kReallocArray, &ReallocArrayHook<true>, &ReallocArrayHook<false>);
#define HEAPPROOF_FREES(symbol, function, ...) \
  frees(symbol, function, &FreeHook<function, true __VA_OPT__(, ) __VA_ARGS__>, \
        &FreeHook<function, false __VA_OPT__(, ) __VA_ARGS__>)
  HEAPPROOF_FREES("free", kFree);
  HEAPPROOF_FREES("_ZdlPv", kDelete);
  HEAPPROOF_FREES("_ZdaPv", kDeleteArray);
  HEAPPROOF_FREES("_ZdlPvm", kDeleteSized, size_t);
  HEAPPROOF_FREES("_ZdaPvm", kDeleteArraySized, size_t);
  HEAPPROOF_FREES("_ZdlPvRKSt9nothrow_t", kDeleteNothrow, Nothrow);
  HEAPPROOF_FREES("_ZdaPvRKSt9nothrow_t", kDeleteArrayNothrow, Nothrow);
  HEAPPROOF_FREES("_ZdlPvSt11align_val_t", kDeleteAligned, Align);
  HEAPPROOF_FREES("_ZdaPvSt11align_val_t", kDeleteArrayAligned, Align);
  HEAPPROOF_FREES("_ZdlPvmSt11align_val_t", kDeleteSizedAligned, size_t, Align);
  HEAPPROOF_FREES("_ZdaPvmSt11align_val_t", kDeleteArraySizedAligned, size_t, Align);
  HEAPPROOF_FREES("_ZdlPvSt11align_val_tRKSt9nothrow_t", kDeleteAlignedNothrow, Align, Nothrow);
  HEAPPROOF_FREES("_ZdaPvSt11align_val_tRKSt9nothrow_t", kDeleteArrayAlignedNothrow, Align, Nothrow);
#undef HEAPPROOF_FREES

  // The real dlopen looks where the library that calls it says; called by us it would not for the executable.
  if (!ExecutableHasSearchPath()) add("dlopen", kDlopen, &DlopenHook, kExecutable);
#ifdef HEAPPROOF_PASSES_ON
  add("dlsym", kDlsym, &DlsymHook, kBrought);
#endif
  return imports;
}

GotPatch& Patch() {
  static auto* patch = new GotPatch(GotPatch::Level::kLower);  // never destroyed: hooks may run while the process ends
  return *patch;
}

}  // namespace

std::string InstallNativeHooks() {
  WatchNativeForks();
  if (!native_samples.OpenFilter()) return "there is no address space left";
  native_callers.Refresh();
  return Patch().Install(Imports());
}

void RefreshNativeHooks() {
  if (InForkedChild()) return;
  const NativeQuiet quiet;
  try {
    native_callers.Refresh();
    Patch().Refresh();
  } catch (const std::exception&) {
    // No memory: what was loaded last is not seen.
  }
}

void RemoveNativeHooks() { Patch().Remove(); }

}  // namespace heapproof

#else

namespace heapproof {
std::string InstallNativeHooks() { return "native memory is seen on 64-bit Linux only"; }
void RefreshNativeHooks() {}
void RemoveNativeHooks() {}
}  // namespace heapproof

#endif
