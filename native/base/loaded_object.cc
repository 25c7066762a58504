#include "loaded_object.h"

#if HEAPPROOF_HAS_ELF

#include <algorithm>
#include <cstring>
#include <elf.h>
#include <mutex>
#include <string>
#include <string_view>
#include <unistd.h>
#include <vector>

namespace heapproof {

namespace {

const char* BaseName(const char* path) {
  const char* slash = std::strrchr(path, '/');
  return slash == nullptr ? path : slash + 1;
}

bool StartsWithAny(const char* name, std::initializer_list<const char*> beginnings) {
  return std::any_of(beginnings.begin(), beginnings.end(),
                     [&](const char* beginning) { return std::strncmp(name, beginning, std::strlen(beginning)) == 0; });
}

// Where the dynamic sections of the executable's libraries are. Those libraries are never unloaded.
const std::vector<uintptr_t>& RuntimeObjects() {
  struct Known {
    uintptr_t dynamic;
    std::string name;
    std::vector<std::string> needed;
  };
  static const auto* runtime = [] {
    std::vector<Known> all;
    dl_iterate_phdr(
        [](dl_phdr_info* info, size_t, void* data) {
          const LoadedObject object(*info);
          Known known{object.dynamic(), *object.soname() != 0 ? object.soname() : BaseName(object.path()), {}};
          object.ForEachNeeded([&](const char* name) { known.needed.emplace_back(name); });
          static_cast<std::vector<Known>*>(data)->push_back(std::move(known));
          return 0;
        },
        &all);
    auto* found = new std::vector<uintptr_t>();  // lives as long as the process
    std::vector<size_t> open = {0};
    while (!open.empty() && !all.empty()) {
      const size_t at = open.back();
      open.pop_back();
      for (const std::string& name : all[at].needed) {
        for (size_t i = 1; i < all.size(); i++) {
          if (all[i].name != name || std::count(found->begin(), found->end(), all[i].dynamic) > 0) continue;
          found->push_back(all[i].dynamic);
          open.push_back(i);
        }
      }
    }
    return found;
  }();
  return *runtime;
}

// Something in this library, to find it by.
const char anchor = 0;

}  // namespace

LoadedObject::LoadedObject(const dl_phdr_info& info)
    : path_(info.dlpi_name != nullptr ? info.dlpi_name : ""),
      base_(info.dlpi_addr),
      segments_(info.dlpi_phdr),
      segment_count_(info.dlpi_phnum) {
  const uintptr_t page = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE));
  range_ = {UINTPTR_MAX, 0};
  for (size_t i = 0; i < segment_count_; i++) {
    const ElfW(Phdr)& segment = segments_[i];
    const uintptr_t begin = base_ + segment.p_vaddr, end = begin + segment.p_memsz;
    if (segment.p_type == PT_DYNAMIC) dynamic_ = begin;
    if (segment.p_type == PT_GNU_RELRO) read_only_ = {begin & ~(page - 1), end & ~(page - 1)};
    if (segment.p_type == PT_LOAD) range_ = {std::min(range_.begin, begin), std::max(range_.end, end)};
  }
  if (dynamic_ == 0) return;
  size_t soname = 0, bytes[2] = {0, 0};
  for (auto* d = reinterpret_cast<const ElfW(Dyn)*>(dynamic_); d->d_tag != DT_NULL; d++) {
    const uintptr_t address = Address(d->d_un.d_ptr);
    switch (d->d_tag) {
      case DT_SYMTAB: symbols_ = reinterpret_cast<const ElfW(Sym)*>(address); break;
      case DT_STRTAB: strings_ = reinterpret_cast<const char*>(address); break;
      case DT_GNU_HASH: hashes_ = reinterpret_cast<const uint32_t*>(address); break;
      case DT_RELA: tables_[0].entries = reinterpret_cast<const ElfW(Rela)*>(address); break;
      case DT_RELASZ: bytes[0] = d->d_un.d_val; break;
      case DT_RELACOUNT: tables_[0].skip = d->d_un.d_val; break;
      case DT_JMPREL: tables_[1].entries = reinterpret_cast<const ElfW(Rela)*>(address); break;
      case DT_PLTRELSZ: bytes[1] = d->d_un.d_val; break;
      case DT_SONAME: soname = d->d_un.d_val; break;
      case DT_RPATH:
      case DT_RUNPATH: has_search_path_ = true; break;
    }
  }
  for (int t = 0; t < 2; t++) tables_[t].count = tables_[t].entries == nullptr ? 0 : bytes[t] / sizeof(ElfW(Rela));
  if (strings_ != nullptr && soname != 0) soname_ = strings_ + soname;
}

// glibc replaces the offsets in a dynamic section by addresses, musl leaves them.
uintptr_t LoadedObject::Address(ElfW(Addr) value) const { return value < base_ ? base_ + value : value; }

bool LoadedObject::InWritableSegment(const void* address) const {
  for (size_t i = 0; i < segment_count_; i++) {
    const ElfW(Phdr)& segment = segments_[i];
    if (segment.p_type != PT_LOAD || !(segment.p_flags & PF_W)) continue;
    const uintptr_t begin = base_ + segment.p_vaddr;
    if (Range{begin, begin + segment.p_memsz}.Holds(address)) return true;
  }
  return false;
}

LoadedObject::Range LoadedObject::Definition(const char* symbol) const {
  if (hashes_ == nullptr || symbols_ == nullptr || strings_ == nullptr) return {};
  uint32_t hash = 5381;
  for (const char* c = symbol; *c != 0; c++) hash = hash * 33 + static_cast<unsigned char>(*c);
  // [buckets][first symbol][words of filter][shift] filter, buckets, then a chain of hashes beside the symbols
  const uint32_t buckets = hashes_[0], first = hashes_[1];
  const uint32_t* heads = hashes_ + 4 + size_t{2} * hashes_[2];
  const uint32_t* chain = heads + buckets;
  if (buckets == 0) return {};
  for (uint32_t i = heads[hash % buckets]; i >= first && i != 0; i++) {
    const uint32_t entry = chain[i - first];
    if ((entry | 1) == (hash | 1) && std::strcmp(strings_ + symbols_[i].st_name, symbol) == 0) {
      const ElfW(Sym)& found = symbols_[i];
      if (found.st_shndx == SHN_UNDEF) return {};
      return {base_ + found.st_value, base_ + found.st_value + found.st_size};
    }
    if (entry & 1) break;
  }
  return {};
}

bool LoadedObject::TakesOthersFirst() const {
  if (symbols_ == nullptr) return false;
  for (const Table& table : tables_) {
    for (size_t i = table.skip; i < table.count; i++) {
      const ElfW(Rela)& r = table.entries[i];
      const uint32_t type = ELF64_R_TYPE(r.r_info);
      if (type != kJumpSlot && type != kGlobalData && type != kAddress) continue;
      if (symbols_[ELF64_R_SYM(r.r_info)].st_shndx == SHN_UNDEF) continue;
      const void* held = __atomic_load_n(reinterpret_cast<void**>(base_ + r.r_offset), __ATOMIC_RELAXED);
      if (held != nullptr && !range_.Holds(held)) return true;
    }
  }
  return false;
}

void LearnRuntime() { RuntimeObjects(); }

bool ExecutableHasSearchPath() {
  return dl_iterate_phdr([](dl_phdr_info* info, size_t, void*) { return LoadedObject(*info).has_search_path() ? 1 : 2; },
                         nullptr) == 1;
}

bool IsOtherCopy(const LoadedObject& object) {
  return !object.range().Holds(&anchor) && object.Defines("heapproof_native_half");
}

ObjectKind KindOf(const LoadedObject& object, bool is_first) {
  if (is_first) return kExecutable;
  if (object.dynamic() == 0 || object.range().Holds(&anchor)) return kNotOurs;
  const char* name = BaseName(object.path());
  if (StartsWithAny(name, {"ld-linux", "ld-musl", "ld64.", "ld.so", "linux-vdso", "libasan.so", "libtsan.so", "liblsan.so",
                           "libubsan.so", "libhwasan.so", "libclang_rt."})) {
    return kNotOurs;
  }
  const auto& runtime = RuntimeObjects();
  if (std::find(runtime.begin(), runtime.end(), object.dynamic()) != runtime.end()) return kRuntime;
  // What an add-on's own linking brings in beside that of node.
  if (StartsWithAny(name, {"libc.so", "libc-", "libstdc++.so", "libc++.so", "libc++abi.so", "libgcc_s.so", "libm.so", "libm-",
                           "libpthread", "libdl.so", "libdl-", "librt.so", "librt-", "libatomic.so", "libnode.so"})) {
    return kRuntime;
  }
  return IsOtherCopy(object) ? kNotOurs : kBrought;
}

}  // namespace heapproof

#endif
