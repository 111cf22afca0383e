import ArgumentParser
import Engine
import Foundation
import GGUF
import IO
import Inference
import Quantization
import Sessions
import Terminal

extension InferenceContext {
  /// Notes what a user must know of the weights in use.
  func noteWarnings() { warnings.forEach(note) }

  /// Notes why figures are NaN.
  func noteNaN() { note("NaN: predictions under plan \(plan) are no numbers: \(causeOfNaN)") }
}

/// The model to open, and the options of opening it.
struct ModelOptions: ParsableArguments {
  @Option(name: [.short, .long], help: "A GGUF file, or a name that `pare models` lists.")
  var model: String?

  @Option(name: [.short, .long], help: "Compute threads (default: one for each physical core).")
  var threads: Int?

  @Option(name: [.short, .long], help: "Positions of the context (default: the model's).")
  var context: Int?

  @Option(
    help: ArgumentHelp(
      "Room on the disk for packed weights, which make the next start fast; 0 keeps none (default: 8).",
      valueName: "gb"))
  var weightCache: Int?

  func validate() throws {
    if let weightCache, !Settings.weightCacheRange.contains(weightCache) {
      throw ValidationError("--weight-cache \(weightCache): use 0 to \(Settings.weightCacheRange.upperBound)")
    }
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads \(threads): use 1 to 1024")
    }
    if let context, !(16...(1 << 24)).contains(context) {
      throw ValidationError("--context \(context): use 16 to \(1 << 24)")
    }
  }

  /// The file to open: the option, the settings, the model used last, the catalogue's default.
  func url() throws -> URL {
    let url = try lookUp()
    CrashReport.set(.model, url.path)
    return url
  }

  private func lookUp() throws -> URL {
    let directories = Directories()
    let store = try ModelStore(
      folder: directories.models, catalogue: .load(from: directories.catalogueFile))
    if let model { return try store.resolve(model) }
    let settings = try Settings.load(from: directories.settingsFile).settings
    if let name = settings.model {
      do { return try store.resolve(name) } catch {
        throw InputError(description: "\(settings.places["model"] ?? "model"): \(error)")
      }
    }
    if let last = RememberedState.load(from: directories.rememberedFile).lastModel,
      let url = try? store.resolve(last)
    {
      return url
    }
    return try store.resolve(store.catalogue.defaultName)
  }

  /// The files of the model, which no output may be written to.
  func files() throws -> [String] { try GGUFFile(path: url().path).paths }

  func loadOptions() throws -> LoadOptions {
    let settings = try Settings.load(from: Directories().settingsFile).settings
    return LoadOptions(
      threads: usable(threads ?? settings.threads), context: context ?? settings.context,
      weightCache: settings.weightCache(in: Directories(), gigabytes: weightCache))
  }

  /// At most as many threads as processors: a pass has hundreds of barriers, and at each all workers would
  /// wait for one that has no processor.
  private func usable(_ threads: Int?) -> Int? {
    let processors = ComputePool.processors
    guard let threads, threads > processors else { return threads }
    note("--threads \(threads): using \(processors), one for each processor there is")
    return processors
  }

  /// Opens the model under a plan.
  func open(
    _ plan: some PlanSource, recordsSimilarity: Bool = false, keepsStream: Bool = false,
    template: String? = nil, kernels: String? = nil
  ) throws -> InferenceContext {
    Interrupt.watch()
    let kernels = try kernelSet(kernels)
    let model = try Model(path: url().path, template: template)
    let options = try loadOptions()
    let plan = try plan.plan(for: model)
    CrashReport.set(.plan, "\(plan)")
    let context = try InferenceContext(
      model, plan: plan, threads: options.threads, context: options.context,
      kernels: kernels, weightCache: options.weightCache, recordsSimilarity: recordsSimilarity,
      keepsStream: keepsStream, progress: progress("packing weights"))
    NextStart.prepare(context)
    context.noteWarnings()
    return context
  }

  /// The kernels of a name, or the fastest that work.
  private func kernelSet(_ name: String?) throws -> Kernels {
    guard let name else {
      for notice in Kernels.choice.notices { note(notice) }
      return .best
    }
    guard let set = Kernels.available.first(where: { $0.name == name }) else {
      let names = Kernels.available.map(\.name).joined(separator: ", ")
      throw ValidationError("--kernels \(name): use one of \(names), which this CPU can run")
    }
    return set
  }
}
