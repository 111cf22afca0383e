import CKernels
import Quantization

/// Gathers the matrices and vectors that a plan runs.
final class WeightsBuilder {
  private let model: Model
  private let plan: Plan
  private let maps: FittedMaps
  private let previous: Weights?
  private let library: MatrixLibrary?
  private let cached: CachedWeights?
  /// nil where the plan does not rotate.
  let rotations: Rotations?
  let vectors = VectorStore()
  private(set) var matrices: [Weights.Place: PackedMatrix] = [:]
  /// Those of `matrices` whose contents lie in the cache.
  private(set) var kept: [(place: Weights.Place, matrix: PackedMatrix)] = []
  /// Those that must still be packed.
  private(set) var missing: [(place: Weights.Place, matrix: PackedMatrix)] = []

  init(
    model: Model, plan: Plan, maps: FittedMaps, previous: Weights?, library: MatrixLibrary?,
    cached: CachedWeights?
  ) {
    self.model = model
    self.plan = plan
    self.maps = maps
    self.previous = previous
    self.library = library
    self.cached = cached
    rotations = plan.rotate ? Rotations(model.shape) : nil
  }

  func head() throws -> (norm: Weights.NormWeights, matrix: pare_matrix) {
    let matrix = try matrix(
      .head, layer: nil, model.head, plan.headBits, rotation: rotations?.reading(model.finalNorm))
    return (rotations == nil ? vectors[model.finalNorm] : Weights.NormWeights(), matrix)
  }

  func layer(_ layer: Int) throws -> Weights.LayerWeights {
    let attention = try attention(layer)
    return Weights.LayerWeights(attention: attention, mlp: try mlp(layer, beside: attention))
  }

  private func attention(_ layer: Int) throws -> Weights.MixerWeights {
    guard let tensors = model.layers[layer].attention else { return .absent }
    guard plan.runs(.attention, layer: layer) else {
      // The MLP shares this input, so it must be computed even if nothing else reads it.
      var isInputShared = false
      if case .attentionInput? = model.layers[layer].mlp?.input {
        isInputShared = plan.runs(.mlp, layer: layer)
      }
      return try fittedMap(.attention, layer, tensors.input, isInputShared: isInputShared).map { .map($0) }
        ?? .absent
    }
    let bits = plan.bits(of: .attention, layer: layer)
    let norm = model.layers[layer].norm(of: tensors.input)
    guard let heads = tensors.heads else {
      return .map(
        Weights.MapWeights(
          input: input(tensors.input),
          matrix: try matrix(
            .attentionOutput, layer: layer, tensors.output, bits,
            rotation: rotations.map { $0.reading(norm, output: $0.stream) }),
          bias: bias(tensors.outputBias, rotations?.stream), postNorm: vectors[tensors.postNorm]))
    }
    let shape = model.shape.layerShapes[layer], dropped = plan.drop[heads: layer]
    // A norm between values and output does not commute with a rotation of heads.
    let head = tensors.subNorm == nil ? rotations?.head(shape) : nil
    let reading = rotations?.reading(norm)
    return .attention(
      Weights.AttentionWeights(
        shape: shape, input: input(tensors.input),
        query: try matrix(.query, layer: layer, heads.query, bits, rotation: reading),
        key: try matrix(.key, layer: layer, heads.key, bits, rotation: reading),
        value: try matrix(
          .value, layer: layer, heads.value, bits, rotation: rotations?.reading(norm, output: head)),
        queryBias: vectors[heads.queryBias], keyBias: vectors[heads.keyBias],
        valueBias: bias(heads.valueBias, head), queryNorm: vectors[heads.queryNorm, shape],
        keyNorm: vectors[heads.keyNorm, shape], sinks: vectors[heads.sinks],
        subNorm: vectors[tensors.subNorm],
        // A norm over all heads must know them all.
        running: tensors.subNorm == nil ? vectors.running(shape, without: dropped) : nil,
        dropped: vectors[dropped.sorted()],
        output: try matrix(
          .attentionOutput, layer: layer, tensors.output, bits,
          rotation: rotations.map { MatrixRotation(input: head, output: $0.stream) }),
        outputBias: bias(tensors.outputBias, rotations?.stream),
        postNorm: vectors[tensors.postNorm]))
  }

  private func mlp(
    _ layer: Int, beside attention: Weights.MixerWeights
  ) throws -> Weights.FeedForwardWeights {
    guard let tensors = model.layers[layer].mlp else { return .absent }
    var input = tensors.input
    // Without the attention its input is not there to be shared; the stream it came from still is.
    if case .attentionInput = input, case .absent = attention, let own = model.layers[layer].attention {
      input = own.input
    }
    guard plan.runs(.mlp, layer: layer) else {
      return try fittedMap(.mlp, layer, input).map { .map($0) } ?? .absent
    }
    let bits = plan.bits(of: .mlp, layer: layer)
    let reading = rotations?.reading(model.layers[layer].norm(of: input))
    return .mlp(
      Weights.MLPWeights(
        width: tensors.up.rows, input: self.input(input),
        gate: try tensors.gate.map { try matrix(.gate, layer: layer, $0, bits, rotation: reading) },
        up: try matrix(.up, layer: layer, tensors.up, bits, rotation: reading),
        down: try matrix(
          .down, layer: layer, tensors.down, bits,
          rotation: rotations.map { MatrixRotation(output: $0.stream) }),
        gateBias: vectors[tensors.gateBias], upBias: vectors[tensors.upBias],
        downBias: bias(tensors.downBias, rotations?.stream), subNorm: vectors[tensors.subNorm],
        postNorm: vectors[tensors.postNorm]))
  }

  /// The map that stands in for a dropped sublayer; nil where none does.
  private func fittedMap(
    _ sublayer: Plan.Sublayer, _ layer: Int, _ input: LayerTensors.Input, isInputShared: Bool = false
  ) throws -> Weights.MapWeights? {
    let place = SublayerPlace(layer: layer, sublayer: sublayer)
    guard let map = maps[place] else { return nil }
    let role: Weights.Place.Role = sublayer == .attention ? .attentionMap : .mlpMap
    let isOld = previous?.maps[place] === map
    return Weights.MapWeights(
      input: map.matrix != nil || isInputShared ? self.input(input) : nil,
      matrix: try map.matrix.map { try matrix(role, layer: layer, $0, .eight, isReusable: isOld) },
      bias: vectors[map.bias], skipsFirst: true)
  }

  /// The packed matrix of a place: the previous weights' where they have it at this width.
  private func matrix(
    _ role: Weights.Place.Role, layer: Int?, _ source: MatrixSource, _ width: BitWidth,
    rotation: MatrixRotation? = nil, isReusable: Bool = true
  ) throws -> pare_matrix {
    let place = Weights.Place(layer: layer, role: role)
    if let made = matrices[place] { return made.view }
    let format = width.format(of: source, isRotated: rotation != nil)
    if isReusable, let old = packed(place, format) {
      matrices[place] = old
      return old.view
    }
    let isOwn = rotation == nil && format == PackedFormat(holding: source)
    let new = try PackedMatrix(source, format: format, rotation: rotation)
    matrices[place] = new
    if isOwn, cached?.contains(place) == true {
      kept.append((place, new))
    } else {
      missing.append((place, new))
    }
    return new.view
  }

  /// Makes those of ``missing``, which are packed now, anew whose scales were too narrow.
  ///
  /// - Returns: Whether there are any: they are ``missing`` again, and all layers must be made again.
  func widenScales() throws -> Bool {
    let packed = missing
    missing = []
    for (place, matrix) in packed {
      guard let widened = try matrix.widened() else { continue }
      matrices[place] = widened
      missing.append((place, widened))
    }
    return !missing.isEmpty
  }

  private func packed(_ place: Weights.Place, _ format: PackedFormat) -> PackedMatrix? {
    if let previous, previous.plan.rotate == plan.rotate, let old = previous.matrices[place],
      old.format == format
    {
      return old
    }
    return library?[place, format, isRotated: plan.rotate]
  }

  /// Rotated matrices have the norm's weights in them.
  private func input(_ input: LayerTensors.Input) -> Weights.InputWeights {
    if rotations != nil, case .norm = input { return .norm(Weights.NormWeights()) }
    return vectors[input]
  }

  private func bias(_ source: VectorSource?, _ rotation: Hadamard?) -> UnsafePointer<Float>? {
    guard let rotation else { return vectors[source] }
    return vectors[source.map { rotation.applied(to: $0.values) }]
  }
}
