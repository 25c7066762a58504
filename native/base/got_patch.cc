#include "got_patch.h"

#if HEAPPROOF_HAS_ELF

#include <algorithm>
#include <bitset>
#include <cstring>
#include <dlfcn.h>
#include <map>
#include <mutex>
#include <string_view>
#include <utility>

#include "slot_writer.h"

namespace heapproof {

namespace {

struct Layer {
  void* replacement = nullptr;  // nullptr: this layer is not there
  void** original = nullptr;
};

// A slot that is not as it was, or that somebody else exchanged while it was not.
struct Slot {
  void* held;      // to put back
  void* callable;  // what a call through it reached; differs from `held` before the loader has bound it
  void* written;   // what it holds if nobody else wrote
  bool lazy;
  Layer lower, upper;
  // Somebody's function that leads to our upper replacement was there when that had to go, so it is still called: to stand
  // in front of theirs next time would make a circle of the two.
  bool buried = false;

  void* Top() const { return upper.replacement ? upper.replacement : lower.replacement ? lower.replacement : held; }
};

struct Registry {
  std::mutex mutex;
  std::map<uintptr_t, Slot> slots;
};
Registry& TheRegistry() {
  static auto* registry = new Registry();  // never destroyed: recordings may outlive static destructors
  return *registry;
}

struct ExecutablesView {
  const char* symbol;
  void* alias;
  void* held = nullptr;    // by the slot through which the executable calls the symbol
  bool is_stub = false;    // `held` points into the executable, which does not define the symbol
  bool alias_is_stub = false;
};

void Look(ExecutablesView& view) {
  dl_iterate_phdr(
      [](dl_phdr_info* info, size_t, void* data) {
        auto& v = *static_cast<ExecutablesView*>(data);
        const LoadedObject executable(*info);
        executable.ForEachImport([&](const char* name, void** slot, bool is_call) {
          if ((v.held != nullptr && !is_call) || std::strcmp(name, v.symbol) != 0) return;
          v.held = __atomic_load_n(slot, __ATOMIC_RELAXED);
        });
        const bool imported = !executable.Defines(v.symbol);
        v.is_stub = imported && executable.range().Holds(v.held);
        v.alias_is_stub = imported && executable.range().Holds(v.alias);
        return 1;
      },
      &view);
}

}  // namespace

GotPatch::Real GotPatch::RealOf(const char* symbol) {
  static std::mutex mutex;
  static auto* known = new std::map<std::string, Real, std::less<>>();
  const std::lock_guard lock(mutex);
  const auto found = known->find(std::string_view(symbol));
  if (found != known->end()) return found->second;
  ExecutablesView view{symbol, dlsym(RTLD_DEFAULT, symbol)};
  Look(view);
  // What dlsym says may be a stub of the executable that calls through the very slot we are going to exchange.
  void* function = view.held;
  if (function == nullptr || view.is_stub) function = view.alias_is_stub ? dlsym(RTLD_NEXT, symbol) : view.alias;
  return known->emplace(symbol, Real{function, view.alias}).first->second;
}

// One way through all loaded objects, under the loader's lock: what is seen here stays mapped meanwhile.
class GotPatch::Walk {
 public:
  explicit Walk(GotPatch& patch) : patch_(patch), slots_(TheRegistry().slots) {
    for (size_t i = 0; i < patch_.imports_.size(); i++) {
      wanted_.push_back({&patch_.imports_[i], patch_.reals_[i], {}, false});
      beginnings_.set(Beginning(patch_.imports_[i].symbol));
      any_required_ = any_required_ || patch_.imports_[i].required;
    }
  }

  // Only looks: which required imports are there, which libraries bring functions of their own.
  std::string Survey() {
    dl_iterate_phdr(
        [](dl_phdr_info* info, size_t, void* walk) {
          static_cast<Walk*>(walk)->Look(LoadedObject(*info));
          return 0;
        },
        this);
    for (const Wanted& wanted : wanted_) {
      const Import& import = *wanted.import;
      if (import.required && !wanted.found) return std::string("this node binary does not import ") + import.symbol;
      if (import.required && wanted.real.function == nullptr) return std::string("nobody defines ") + import.symbol;
      if (wanted.real.function != nullptr && patch_.level_ == Level::kLower) {
        __atomic_store_n(import.original, wanted.real.function, __ATOMIC_RELEASE);
      }
    }
    return "";
  }

  void Patch() { Run(&Walk::PatchObject); }
  void Restore() { Run(&Walk::RestoreObject); }

  bool failed() const { return failed_; }
  // The path of another copy of this library that stands in front of what a lower patch wanted; empty if none does.
  const std::string& in_the_way() const { return in_the_way_; }
  bool being_loaded() const { return being_loaded_; }

 private:
  struct Wanted {
    const Import* import;
    Real real;
    std::vector<std::string> definers;  // libraries that were brought and define it too
    bool found;
  };
  using Step = void (Walk::*)(const LoadedObject& object, ObjectKind kind, SlotWriter& writer);

  void Run(Step step) {
    step_ = step;
    objects_ = 0;
    mapped_.clear();
    dl_iterate_phdr(
        [](dl_phdr_info* info, size_t, void* data) {
          auto& walk = *static_cast<Walk*>(data);
          const LoadedObject object(*info);
          const ObjectKind kind = KindOf(object, walk.objects_++ == 0);
          SlotWriter writer(object);
          (walk.*walk.step_)(object, kind, writer);
          walk.mapped_.push_back(object.range());
          walk.patch_.loads_ = info->dlpi_adds;
          walk.patch_.unloads_ = info->dlpi_subs;
          return 0;
        },
        this);
    // Slots of objects that were unloaded.
    std::erase_if(slots_, [&](const auto& entry) {
      return std::none_of(mapped_.begin(), mapped_.end(), [&](const auto& range) { return range.Holds(entry.first); });
    });
  }

  // Thousands of symbols are asked for, and nearly all differ in their first letters (mangled names from the third on).
  static constexpr size_t kBeginnings = 1024;
  static size_t Beginning(const char* symbol) {
    size_t hash = 0;
    for (int i = 0; i < 4 && symbol[i] != 0; i++) hash = hash * 37 + static_cast<unsigned char>(symbol[i]);
    return hash % kBeginnings;
  }

  Wanted* Find(const char* symbol, ObjectKind kind) {
    if (!beginnings_[Beginning(symbol)]) return nullptr;
    for (Wanted& wanted : wanted_) {
      if ((wanted.import->where & kind) && std::strcmp(wanted.import->symbol, symbol) == 0) return &wanted;
    }
    return nullptr;
  }

  void Look(const LoadedObject& object) {
    const ObjectKind kind = KindOf(object, objects_++ == 0);
    if (kind == kExecutable && any_required_) {
      object.ForEachImport([&](const char* symbol, void**, bool) {
        if (Wanted* wanted = Find(symbol, kind)) wanted->found = true;
      });
    } else if (kind == kNotOurs && IsOtherCopy(object)) {
      copies_.emplace_back(object.range(), object.path());
    } else if (kind == kBrought && patch_.level_ == Level::kLower && *object.soname() != 0) {
      for (Wanted& wanted : wanted_) {
        if (object.Defines(wanted.import->symbol)) wanted.definers.emplace_back(object.soname());
      }
    }
  }

  // A slot that the loader fills in at the first call points back into its own object. The function will then be the one
  // of the process, unless the object or one of its libraries has it too (as an add-on does that was linked with the C++
  // library statically) and was loaded so that its own go first.
  bool WillBindToReal(const LoadedObject& object, const Wanted& wanted) {
    if (object.range().Holds(wanted.real.function)) return false;
    bool own = object.Defines(wanted.import->symbol);
    object.ForEachNeeded([&](const char* name) {
      own = own || std::count(wanted.definers.begin(), wanted.definers.end(), name) > 0;
    });
    return !own || object.TakesOthersFirst();
  }

  void PatchObject(const LoadedObject& object, ObjectKind kind, SlotWriter& writer) {
    if (kind == kNotOurs) return;
    // An allocator that was preloaded: patched, it might end up calling itself.
    const bool has_allocator = std::any_of(wanted_.begin(), wanted_.end(), [&](const Wanted& wanted) {
      return object.range().Holds(wanted.real.function);
    });
    if (kind == kBrought && has_allocator) return;
    object.ForEachImport([&](const char* symbol, void** slot, bool is_call) {
      const Wanted* wanted = Find(symbol, kind);
      if (wanted == nullptr || wanted->real.function == nullptr) return;
      // A library that the loader is about to relocate and to protect: it would undo us, or find its pages protected.
      if (kind == kBrought && writer.UnprotectedTable()) {
        being_loaded_ = true;
        return;
      }
      PatchSlot(object, *wanted, slot, is_call, writer);
    });
  }

  void PatchSlot(const LoadedObject& object, const Wanted& wanted, void** address, bool is_call, SlotWriter& writer) {
    void* const now = __atomic_load_n(address, __ATOMIC_RELAXED);
    const Import& import = *wanted.import;
    const bool bound = now == wanted.real.function || now == wanted.real.alias;
    const bool lazy = !bound && is_call && object.range().Holds(now) && WillBindToReal(object, wanted);
    auto [entry, is_new] = slots_.try_emplace(reinterpret_cast<uintptr_t>(address));
    Slot& slot = entry->second;
    Layer& layer = patch_.level_ == Level::kLower ? slot.lower : slot.upper;
    if (slot.buried) {
      slot.buried = now != slot.written && !bound && !lazy;
      if (slot.buried && patch_.level_ == Level::kLower) return NoteOtherCopy(now);
      if (slot.buried) {
        layer = {import.replacement, import.original};
        return;
      }
    }
    if (layer.replacement != nullptr && now != slot.written && !bound && !lazy) return;  // still on the way of somebody's calls
    if (is_new || bound || lazy) {
      // Our own address without an entry: somebody had kept it and put it back after we were gone.
      const bool ours = now == import.replacement;
      if (!bound && !lazy && !ours && (patch_.level_ == Level::kLower || now == nullptr)) {
        NoteOtherCopy(now);
        if (is_new) slots_.erase(entry);
        return;
      }
      const bool real = bound || lazy || ours;
      if (is_new || now != slot.written) {
        slot.held = ours ? wanted.real.function : now;
        slot.callable = real ? wanted.real.function : now;
        slot.written = now;
        slot.lazy = lazy;
      }
    }
    layer = {import.replacement, import.original};
    Apply(address, slot, writer);
    if (slot.Top() != slot.written) {
      failed_ = true;
      NoteOtherCopy(now);
      layer = {};
      if (slot.lower.replacement == nullptr && slot.upper.replacement == nullptr) slots_.erase(entry);
    }
  }

  void NoteOtherCopy(const void* function) {
    for (const auto& [range, path] : copies_) {
      if (range.Holds(function)) in_the_way_ = path;
    }
  }

  // Makes the slot lead to its topmost layer, unless somebody else wrote in between.
  void Apply(void** address, Slot& slot, SlotWriter& writer) {
    if (slot.upper.replacement != nullptr) {
      void* below = slot.lower.replacement != nullptr ? slot.lower.replacement : slot.callable;
      __atomic_store_n(slot.upper.original, below, __ATOMIC_RELEASE);
    }
    if (slot.Top() == slot.written || __atomic_load_n(address, __ATOMIC_RELAXED) != slot.written) return;
    if (writer.Write(address, slot.Top())) slot.written = slot.Top();
  }

  void RestoreObject(const LoadedObject& object, ObjectKind, SlotWriter& writer) {
    for (auto entry = slots_.lower_bound(object.range().begin);
         entry != slots_.end() && entry->first < object.range().end;) {
      Slot& slot = entry->second;
      auto** address = reinterpret_cast<void**>(entry->first);
      Layer& layer = patch_.level_ == Level::kLower ? slot.lower : slot.upper;
      // Another library may have been loaded where this one was: then nothing there is ours, or even a pointer.
      const bool ours = writer.IsData(address) && __atomic_load_n(address, __ATOMIC_RELAXED) == slot.written;
      if (layer.replacement == nullptr) {
        ++entry;
        continue;
      }
      layer = {};
      if (ours) Apply(address, slot, writer);
      slot.buried = !ours && (slot.buried || patch_.level_ == Level::kUpper);
      const bool left = slot.lower.replacement != nullptr || slot.upper.replacement != nullptr || slot.buried;
      entry = left || (ours && slot.written != slot.held) ? std::next(entry) : slots_.erase(entry);
    }
  }

  GotPatch& patch_;
  std::map<uintptr_t, Slot>& slots_;
  std::vector<Wanted> wanted_;
  std::vector<LoadedObject::Range> mapped_;
  std::vector<std::pair<LoadedObject::Range, std::string>> copies_;
  std::string in_the_way_;
  std::bitset<kBeginnings> beginnings_;
  bool any_required_ = false;
  size_t objects_ = 0;
  Step step_ = nullptr;
  bool failed_ = false;
  bool being_loaded_ = false;
};

void* GotPatch::RealFunction(const char* symbol) { return RealOf(symbol).function; }

size_t GotPatch::ChangedSlots() {
  Registry& registry = TheRegistry();
  const std::lock_guard lock(registry.mutex);
  return registry.slots.size();
}

std::string GotPatch::Install(std::vector<Import> imports) {
  // Everything that waits for the loader's own lock comes first: nobody who has that lock may ever wait for ours.
  LearnRuntime();
  std::vector<Real> reals;
  for (const Import& import : imports) reals.push_back(RealOf(import.symbol));
  const std::lock_guard lock(TheRegistry().mutex);
  if (installed_) return "";
  imports_ = std::move(imports);
  reals_ = std::move(reals);
  Walk walk(*this);
  std::string problem = walk.Survey();
  if (!problem.empty()) return problem;
  installed_ = true;
  walk.Patch();
  const bool required = std::any_of(imports_.begin(), imports_.end(), [](const Import& i) { return i.required; });
  if (walk.failed() && required) problem = "the import table cannot be written";
  if (!walk.in_the_way().empty()) problem = walk.in_the_way() + ", another copy of heapproof, is already in front of malloc";
  if (!problem.empty()) {
    walk.Restore();
    installed_ = false;
    return problem;
  }
  constexpr int kRetries = 64;
  retries_ = walk.being_loaded() ? kRetries : 0;
  return "";
}

void GotPatch::Refresh() {
  struct Check {
    const GotPatch& patch;
    bool same = true;
  };
  const std::lock_guard lock(TheRegistry().mutex);
  if (!installed_) return;
  Check check{*this};
  dl_iterate_phdr(
      [](dl_phdr_info* info, size_t, void* data) {
        auto& c = *static_cast<Check*>(data);
        c.same = info->dlpi_adds == c.patch.loads_ && info->dlpi_subs == c.patch.unloads_ && c.patch.retries_ == 0;
        if (!c.same) return 1;
        // The loader may have been binding one of these on another thread, and have written just after us.
        for (const auto& [address, slot] : TheRegistry().slots) {
          if (slot.lazy && __atomic_load_n(reinterpret_cast<void**>(address), __ATOMIC_RELAXED) == slot.callable) {
            c.same = false;
          }
        }
        return 1;
      },
      &check);
  if (check.same) return;
  Walk walk(*this);
  walk.Survey();
  walk.Patch();
  retries_ = walk.being_loaded() ? std::max(retries_ - 1, 0) : 0;
}

void GotPatch::Remove() {
  const std::lock_guard lock(TheRegistry().mutex);
  if (!installed_) return;
  Walk(*this).Restore();
  installed_ = false;
  retries_ = 0;
  imports_ = {};
  reals_ = {};
}

}  // namespace heapproof

#else

namespace heapproof {
std::string GotPatch::Install(std::vector<Import>) { return "import tables are patched on 64-bit Linux only"; }
void GotPatch::Refresh() {}
void GotPatch::Remove() {}
void* GotPatch::RealFunction(const char*) { return nullptr; }
size_t GotPatch::ChangedSlots() { return 0; }
}  // namespace heapproof

#endif
