import CKernels
import Quantization

/// Gathers the matrices and vectors that a plan runs.
final class WeightsBuilder {
  private let model: Model
  private let plan: Plan
  private let maps: FittedMaps
  private let previous: Weights?
  let vectors = VectorStore()
  private(set) var matrices: [Weights.Place: PackedMatrix] = [:]
  /// Those of `matrices` that must still be packed.
  private(set) var missing: [PackedMatrix] = []

  init(model: Model, plan: Plan, maps: FittedMaps, previous: Weights?) {
    self.model = model
    self.plan = plan
    self.maps = maps
    self.previous = previous
  }

  func layer(_ layer: Int) throws -> Weights.LayerWeights {
    let attention = try attention(layer)
    return Weights.LayerWeights(attention: attention, mlp: try mlp(layer, beside: attention))
  }

  private func attention(_ layer: Int) throws -> Weights.SublayerWeights<Weights.AttentionWeights> {
    guard let tensors = model.layers[layer].attention else { return .absent }
    guard plan.runs(.attention, layer: layer) else {
      // What the MLP shares must be computed, even if nothing else reads it.
      var isInputShared = false
      if case .attentionInput? = model.layers[layer].mlp?.input {
        isInputShared = plan.runs(.mlp, layer: layer)
      }
      return try fittedMap(.attention, layer, tensors.input, isInputShared: isInputShared)
    }
    let bits = plan.bits(of: .attention, layer: layer)
    let output = try matrix(.attentionOutput, layer: layer, tensors.output, bits)
    guard let heads = tensors.heads else {
      return .map(
        Weights.MapWeights(
          input: vectors[tensors.input], matrix: output, bias: vectors[tensors.outputBias],
          postNorm: vectors[tensors.postNorm]))
    }
    return .own(
      Weights.AttentionWeights(
        input: vectors[tensors.input],
        heads: Weights.HeadWeights(
          shape: model.shape.layerShapes[layer],
          query: try matrix(.query, layer: layer, heads.query, bits),
          key: try matrix(.key, layer: layer, heads.key, bits),
          value: try matrix(.value, layer: layer, heads.value, bits),
          queryBias: vectors[heads.queryBias], keyBias: vectors[heads.keyBias],
          valueBias: vectors[heads.valueBias], queryNorm: vectors[heads.queryNorm, model.shape],
          keyNorm: vectors[heads.keyNorm, model.shape]),
        subNorm: vectors[tensors.subNorm], output: output, outputBias: vectors[tensors.outputBias],
        postNorm: vectors[tensors.postNorm]))
  }

  private func mlp(
    _ layer: Int, beside attention: Weights.SublayerWeights<Weights.AttentionWeights>
  ) throws -> Weights.SublayerWeights<Weights.MLPWeights> {
    guard let tensors = model.layers[layer].mlp else { return .absent }
    var input = tensors.input
    // Without the attention its input is not there to be shared; the stream it came from still is.
    if case .attentionInput = input, case .absent = attention, let own = model.layers[layer].attention {
      input = own.input
    }
    guard plan.runs(.mlp, layer: layer) else { return try fittedMap(.mlp, layer, input) }
    let bits = plan.bits(of: .mlp, layer: layer)
    return .own(
      Weights.MLPWeights(
        width: tensors.gate.rows, input: vectors[input],
        gate: try matrix(.gate, layer: layer, tensors.gate, bits),
        up: try matrix(.up, layer: layer, tensors.up, bits),
        down: try matrix(.down, layer: layer, tensors.down, bits),
        gateBias: vectors[tensors.gateBias], upBias: vectors[tensors.upBias],
        downBias: vectors[tensors.downBias], subNorm: vectors[tensors.subNorm],
        postNorm: vectors[tensors.postNorm]))
  }

  /// What stands in for a dropped sublayer; absent where nothing does.
  private func fittedMap<Own>(
    _ sublayer: Plan.Sublayer, _ layer: Int, _ input: LayerTensors.Input, isInputShared: Bool = false
  ) throws -> Weights.SublayerWeights<Own> {
    let place = SublayerPlace(layer: layer, sublayer: sublayer)
    guard let map = maps[place] else { return .absent }
    let role: Weights.Place.Role = sublayer == .attention ? .attentionMap : .mlpMap
    let isOld = previous?.maps[place] === map
    return .map(
      Weights.MapWeights(
        input: map.matrix != nil || isInputShared ? vectors[input] : nil,
        matrix: try map.matrix.map { try matrix(role, layer: layer, $0, .eight, isReusable: isOld) },
        bias: vectors[map.bias], skipsFirst: true))
  }

  /// The packed matrix of a place: the previous weights' where they have it at this width.
  func matrix(
    _ role: Weights.Place.Role, layer: Int?, _ source: MatrixSource, _ width: BitWidth,
    isReusable: Bool = true
  ) throws -> pare_matrix {
    let place = Weights.Place(layer: layer, role: role), format = width.format(of: source.type)
    if isReusable, let old = previous?.matrices[place],
      old.format == (format ?? PackedFormat(holding: source.type))
    {
      matrices[place] = old
      return old.view
    }
    let new = try PackedMatrix(source, format: format)
    matrices[place] = new
    missing.append(new)
    return new.view
  }
}
