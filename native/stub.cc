#include "base/native_heap.h"
#include "v8/polled_source.h"
namespace heapproof {
__attribute__((weak)) void NativeHeap::RegisterIsolateThread(){} __attribute__((weak)) void NativeHeap::UnregisterIsolateThread(){}
__attribute__((weak)) std::string NativeHeap::CountOnly(bool){return "stub";}
__attribute__((weak)) std::string NativeHeap::Attach(NativeListener*, const SamplingRule&, uint64_t){return "stub";}
__attribute__((weak)) void NativeHeap::Detach(NativeListener*){} __attribute__((weak)) std::string NativeHeap::AttachSizes(){return "stub";} __attribute__((weak)) void NativeHeap::DetachSizes(){}
__attribute__((weak)) void NativeHeap::ReadSizes(NativeSizes&){} __attribute__((weak)) void NativeHeap::Refresh(){} __attribute__((weak)) void NativeHeap::Deliver(NativeListener*){}
__attribute__((weak)) uint64_t NativeHeap::Lost(NativeListener*){return 0;} __attribute__((weak)) NativeTotals NativeHeap::ForThisIsolate(){return {};}
__attribute__((weak)) std::string NativeHeap::ObjectPath(uint32_t){return "";} __attribute__((weak)) size_t NativeHeap::OwnMemory(NativeListener*){return 0;}
__attribute__((weak)) NativeHeap& TheNativeHeap(){static NativeHeap h; return h;}

__attribute__((weak)) PolledSource::PolledSource(v8::Isolate* i, CodeWatcher& c, size_t d, uint64_t n):isolate_(i),code_(c),depth_(d),interval_(n),budget_(0.05,0){}
__attribute__((weak)) std::string PolledSource::Start(){return "stub";} __attribute__((weak)) void PolledSource::Stop(){} __attribute__((weak)) void PolledSource::Harvest(TraceTable&,PolledListener&,bool){}
__attribute__((weak)) bool PolledSource::Affordable() const {return false;} __attribute__((weak)) size_t PolledSource::OwnMemory() const {return 0;}
}
