#include "got_patch.h"

#if defined(__linux__) && defined(__LP64__)

#include <cerrno>
#include <cstring>
#include <elf.h>
#include <fstream>
#include <link.h>
#include <sstream>
#include <sys/mman.h>
#include <unistd.h>

namespace heapproof {

namespace {

#if defined(__x86_64__)
constexpr uint32_t kJumpSlot = R_X86_64_JUMP_SLOT, kGlobalData = R_X86_64_GLOB_DAT;
#elif defined(__aarch64__)
constexpr uint32_t kJumpSlot = R_AARCH64_JUMP_SLOT, kGlobalData = R_AARCH64_GLOB_DAT;
#else
constexpr uint32_t kJumpSlot = UINT32_MAX, kGlobalData = UINT32_MAX;
#endif

struct Relocation {
  const char* symbol;
  void** slot;
};

// The imports of the executable: its lazy (jump slot) and its data (global data) relocations, by name.
std::vector<Relocation> ExecutableImports() {
  std::vector<Relocation> imports;
  dl_iterate_phdr(
      [](dl_phdr_info* info, size_t, void* data) {
        auto& out = *static_cast<std::vector<Relocation>*>(data);
        const ElfW(Dyn)* dynamic = nullptr;
        for (int i = 0; i < info->dlpi_phnum; i++) {
          if (info->dlpi_phdr[i].p_type == PT_DYNAMIC) {
            dynamic = reinterpret_cast<const ElfW(Dyn)*>(info->dlpi_addr + info->dlpi_phdr[i].p_vaddr);
          }
        }
        if (dynamic == nullptr) return 1;
        const ElfW(Sym)* symbols = nullptr;
        const char* names = nullptr;
        const ElfW(Rela)* tables[2] = {nullptr, nullptr};
        size_t sizes[2] = {0, 0};
        for (const ElfW(Dyn)* d = dynamic; d->d_tag != DT_NULL; d++) {
          switch (d->d_tag) {
            case DT_SYMTAB: symbols = reinterpret_cast<const ElfW(Sym)*>(d->d_un.d_ptr); break;
            case DT_STRTAB: names = reinterpret_cast<const char*>(d->d_un.d_ptr); break;
            case DT_RELA: tables[0] = reinterpret_cast<const ElfW(Rela)*>(d->d_un.d_ptr); break;
            case DT_RELASZ: sizes[0] = d->d_un.d_val; break;
            case DT_JMPREL: tables[1] = reinterpret_cast<const ElfW(Rela)*>(d->d_un.d_ptr); break;
            case DT_PLTRELSZ: sizes[1] = d->d_un.d_val; break;
          }
        }
        if (symbols == nullptr || names == nullptr) return 1;
        for (int t = 0; t < 2; t++) {
          for (size_t i = 0; i < sizes[t] / sizeof(ElfW(Rela)); i++) {
            const ElfW(Rela)& r = tables[t][i];
            const uint32_t type = ELF64_R_TYPE(r.r_info);
            if (type != kJumpSlot && type != kGlobalData) continue;
            out.push_back({names + symbols[ELF64_R_SYM(r.r_info)].st_name,
                           reinterpret_cast<void**>(info->dlpi_addr + r.r_offset)});
          }
        }
        return 1;  // the executable comes first; libraries are not ours to touch
      },
      &imports);
  return imports;
}

// The protection that the page of `address` has now. The table lies in a region that the loader made read-only.
int ProtectionOf(const void* address) {
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    uintptr_t begin = 0, end = 0;
    char dash = 0;
    std::string flags;
    std::istringstream fields(line);
    fields >> std::hex >> begin >> dash >> end >> flags;
    const uintptr_t a = reinterpret_cast<uintptr_t>(address);
    if (a < begin || a >= end || flags.size() < 3) continue;
    return (flags[0] == 'r' ? PROT_READ : 0) | (flags[1] == 'w' ? PROT_WRITE : 0) |
           (flags[2] == 'x' ? PROT_EXEC : 0);
  }
  return -1;
}

bool WriteSlot(void** slot, void* value) {
  const int protection = ProtectionOf(slot);
  if (protection < 0) return false;
  const uintptr_t page_size = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE));
  void* page = reinterpret_cast<void*>(reinterpret_cast<uintptr_t>(slot) & ~(page_size - 1));
  if (mprotect(page, page_size, protection | PROT_WRITE) != 0) return false;
  // Other threads call through this slot while it changes: they must see one whole pointer or the other.
  __atomic_store_n(slot, value, __ATOMIC_RELEASE);
  if (!(protection & PROT_WRITE)) mprotect(page, page_size, protection);
  return true;
}

}  // namespace

std::string GotPatch::Install(const std::vector<Import>& imports) {
  const std::vector<Relocation> relocations = ExecutableImports();
  std::vector<Slot> slots;
  std::vector<void*> replacements;
  for (const Import& import : imports) {
    bool found = false;
    for (const Relocation& r : relocations) {
      if (std::strcmp(r.symbol, import.symbol) != 0) continue;
      *import.original = *r.slot;
      slots.push_back({r.slot, *r.slot});
      replacements.push_back(import.replacement);
      found = true;
    }
    if (!found && import.required) return std::string("this node binary does not import ") + import.symbol;
  }
  for (size_t i = 0; i < slots.size(); i++) {
    if (!WriteSlot(slots[i].address, replacements[i])) {
      const int code = errno;
      Remove();
      return std::string("the import table cannot be written: ") + std::strerror(code);
    }
    slots_.push_back(slots[i]);
  }
  return "";
}

void GotPatch::Remove() {
  for (const Slot& slot : slots_) WriteSlot(slot.address, slot.original);
  slots_.clear();
}

}  // namespace heapproof

#else

namespace heapproof {
std::string GotPatch::Install(const std::vector<Import>&) { return "import tables are patched on 64-bit Linux only"; }
void GotPatch::Remove() {}
}  // namespace heapproof

#endif
