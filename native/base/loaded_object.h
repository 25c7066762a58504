// One loaded object (the executable or a library) as the dynamic loader has it in memory: ELF, 64 bit.
//
// A view, good only inside the callback of dl_iterate_phdr: the loader's lock that is held there keeps the object mapped.
#pragma once

namespace heapproof {

// Whose object it is; also bits of a set.
enum ObjectKind : unsigned {
  kNotOurs = 0,      // the loader, the kernel's own, sanitizers, all copies of heapproof: never touched
  kExecutable = 1,   // node
  kRuntime = 2,      // what node was linked with: the C and C++ libraries, libnode.so
  kBrought = 4,      // everything else: add-ons, the libraries they bring
};

}  // namespace heapproof

#if defined(__linux__) && defined(__LP64__)
#define HEAPPROOF_HAS_ELF 1

#include <cstddef>
#include <cstdint>
#include <link.h>

namespace heapproof {

class LoadedObject {
 public:
  explicit LoadedObject(const dl_phdr_info& info);

  struct Range {
    uintptr_t begin = 0, end = 0;
    bool Holds(uintptr_t address) const { return address >= begin && address < end; }
    bool Holds(const void* address) const { return Holds(reinterpret_cast<uintptr_t>(address)); }
  };

  const char* path() const { return path_; }          // "" for the executable
  uintptr_t base() const { return base_; }            // what is added to the addresses in its file
  uintptr_t dynamic() const { return dynamic_; }      // where its dynamic section is: tells objects apart
  Range range() const { return range_; }              // from its first to its last segment
  Range read_only() const { return read_only_; }      // whole pages the loader protects after relocating; may be empty
  const char* soname() const { return soname_; }      // "" when it has none
  bool has_search_path() const { return has_search_path_; }
  bool InWritableSegment(const void* address) const;

  // Calls `visit(name)` for the libraries it was linked with.
  template <typename Visit>
  void ForEachNeeded(Visit visit) const {
    if (strings_ == nullptr || dynamic_ == 0) return;
    for (auto* d = reinterpret_cast<const ElfW(Dyn)*>(dynamic_); d->d_tag != DT_NULL; d++) {
      if (d->d_tag == DT_NEEDED) visit(strings_ + d->d_un.d_val);
    }
  }

  // Calls `visit(symbol, slot, is_call)` for every place that holds the address of an imported symbol. `is_call`: it is
  // there for calls, and the loader may fill it in only at the first one.
  template <typename Visit>
  void ForEachImport(Visit visit) const {
    if (symbols_ == nullptr || strings_ == nullptr) return;
    for (const Table& table : tables_) {
      for (size_t i = table.skip; i < table.count; i++) {
        const ElfW(Rela)& r = table.entries[i];
        const uint32_t type = ELF64_R_TYPE(r.r_info);
        if (type != kJumpSlot && type != kGlobalData && (type != kAddress || r.r_addend != 0)) continue;
        visit(strings_ + symbols_[ELF64_R_SYM(r.r_info)].st_name, reinterpret_cast<void**>(base_ + r.r_offset),
              type == kJumpSlot);
      }
    }
  }

  // Whether the object itself has a definition of `symbol` for others to use, and where and how large it is.
  bool Defines(const char* symbol) const { return Definition(symbol).begin != 0; }
  Range Definition(const char* symbol) const;
  // Whether the loader has given it somebody else's version of something that it defines itself: then it was not loaded so
  // that its own go first. False as long as nothing shows it.
  bool TakesOthersFirst() const;

 private:
  struct Table {
    const ElfW(Rela)* entries = nullptr;
    size_t count = 0;
    size_t skip = 0;  // relative relocations come first and name no symbol
  };
#if defined(__x86_64__)
  static constexpr uint32_t kJumpSlot = R_X86_64_JUMP_SLOT, kGlobalData = R_X86_64_GLOB_DAT, kAddress = R_X86_64_64;
#elif defined(__aarch64__)
  static constexpr uint32_t kJumpSlot = R_AARCH64_JUMP_SLOT, kGlobalData = R_AARCH64_GLOB_DAT,
                            kAddress = R_AARCH64_ABS64;
#else
  static constexpr uint32_t kJumpSlot = UINT32_MAX, kGlobalData = UINT32_MAX, kAddress = UINT32_MAX;
#endif

  uintptr_t Address(ElfW(Addr) value) const;

  const char* path_;
  const char* soname_ = "";
  uintptr_t base_;
  uintptr_t dynamic_ = 0;
  const ElfW(Phdr)* segments_;
  size_t segment_count_;
  Range range_, read_only_;
  const ElfW(Sym)* symbols_ = nullptr;
  const char* strings_ = nullptr;
  const uint32_t* hashes_ = nullptr;
  bool has_search_path_ = false;
  Table tables_[2];
};

// Decides once, and remembers, which objects the executable was linked with, by following what each one needs.
// Not to be called inside the callback of dl_iterate_phdr.
void LearnRuntime();
// Inside the callback. Another copy of this library: it neither patches our tables nor we its own, or each would be
// called for what the other allocates for itself, inside its locks.
bool IsOtherCopy(const LoadedObject& object);
// Inside the callback. `is_first`: the executable is always first.
ObjectKind KindOf(const LoadedObject& object, bool is_first);
// The executable says itself where its dlopen looks for libraries that are named without a folder.
bool ExecutableHasSearchPath();

}  // namespace heapproof

#endif
