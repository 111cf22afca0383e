// The shape shared by TOML on disk and JSON on the command line:
//
//     {"drop": {"attention": [5, 7], "mlp": [], "heads": {"9": [1, 3]}},
//      "bits": {"default": "native", "attention": 4, "layers": {"3": 3}},
//      "rotate": false, "heal": "none", "kv_bits": 16, "act_bits": 8}
//
// Absent parts are the baseline's; unknown keys are errors, so that a typing mistake is not taken for a plan.

private struct AnyKey: CodingKey {
  var stringValue: String
  var intValue: Int? { nil }
  init(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { nil }
}

extension KeyedDecodingContainer<AnyKey> {
  fileprivate func refuseKeys(except known: Set<String>) throws {
    if let stray = allKeys.first(where: { !known.contains($0.stringValue) }) {
      let place = (codingPath + [stray]).map(\.stringValue).joined(separator: ".")
      throw PlanError("unknown key “\(place)”: a plan has \(known.sorted().joined(separator: ", ")) there")
    }
  }
}

extension Plan: Codable {
  private enum CodingKeys: String, CodingKey, CaseIterable {
    case drop, bits, rotate, heal
    case kvBits = "kv_bits"
    case activationBits = "act_bits"
  }

  public init(from decoder: any Decoder) throws {
    try decoder.container(keyedBy: AnyKey.self)
      .refuseKeys(except: Set(CodingKeys.allCases.map(\.rawValue)))
    let container = try decoder.container(keyedBy: CodingKeys.self)
    drop = try container.decodeIfPresent(Drop.self, forKey: .drop) ?? Drop()
    bits = try container.decodeIfPresent(Bits.self, forKey: .bits) ?? Bits()
    rotate = try container.decodeIfPresent(Bool.self, forKey: .rotate) ?? false
    heal = try container.decodeIfPresent(Healing.self, forKey: .heal) ?? .none
    kvBits = try container.decodeIfPresent(Int.self, forKey: .kvBits) ?? 16
    activationBits = try container.decodeIfPresent(Int.self, forKey: .activationBits)
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(drop, forKey: .drop)
    try container.encode(bits, forKey: .bits)
    try container.encode(rotate, forKey: .rotate)
    try container.encode(heal, forKey: .heal)
    try container.encode(kvBits, forKey: .kvBits)
    try container.encodeIfPresent(activationBits, forKey: .activationBits)
  }
}

extension Plan.Drop: Codable {
  private enum CodingKeys: String, CodingKey, CaseIterable { case attention, mlp, heads }

  public init(from decoder: any Decoder) throws {
    try decoder.container(keyedBy: AnyKey.self)
      .refuseKeys(except: Set(CodingKeys.allCases.map(\.rawValue)))
    let container = try decoder.container(keyedBy: CodingKeys.self)
    attention = Set(try container.decodeIfPresent([Int].self, forKey: .attention) ?? [])
    mlp = Set(try container.decodeIfPresent([Int].self, forKey: .mlp) ?? [])
    for (key, heads) in try container.decodeIfPresent([String: [Int]].self, forKey: .heads) ?? [:] {
      guard let layer = Int(key) else { throw PlanError("drop.heads: “\(key)” is not a layer number") }
      self[heads: layer] = Set(heads)
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(attention.sorted(), forKey: .attention)
    try container.encode(mlp.sorted(), forKey: .mlp)
    if !heads.isEmpty {
      try container.encode(
        Dictionary(uniqueKeysWithValues: heads.map { (String($0), $1.sorted()) }), forKey: .heads)
    }
  }
}

extension Plan.Bits: Codable {
  private enum CodingKeys: String, CodingKey, CaseIterable { case `default`, attention, mlp, head, layers }

  public init(from decoder: any Decoder) throws {
    try decoder.container(keyedBy: AnyKey.self)
      .refuseKeys(except: Set(CodingKeys.allCases.map(\.rawValue)))
    let container = try decoder.container(keyedBy: CodingKeys.self)
    `default` = try container.decodeIfPresent(BitWidth.self, forKey: .default) ?? .native
    attention = try container.decodeIfPresent(BitWidth.self, forKey: .attention)
    mlp = try container.decodeIfPresent(BitWidth.self, forKey: .mlp)
    head = try container.decodeIfPresent(BitWidth.self, forKey: .head)
    layers = [:]
    for (key, width) in try container.decodeIfPresent([String: BitWidth].self, forKey: .layers) ?? [:] {
      guard let layer = Int(key) else {
        throw PlanError("bits.layers: “\(key)” is not a layer number")
      }
      layers[layer] = width
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(`default`, forKey: .default)
    try container.encodeIfPresent(attention, forKey: .attention)
    try container.encodeIfPresent(mlp, forKey: .mlp)
    try container.encodeIfPresent(head, forKey: .head)
    if !layers.isEmpty {
      try container.encode(
        Dictionary(uniqueKeysWithValues: layers.map { (String($0), $1) }), forKey: .layers)
    }
  }
}
