extension Model {
  /// How `plan` holds keys and values. Biases make some columns of keys so large that 4 bits leave nothing of
  /// the others (Qwen2: perplexity 13 → 900), so such models keep keys in 8.
  func kvBits(_ plan: Plan) -> KVBits {
    let hasKeyBias = layers.contains { $0.attention?.heads?.keyBias != nil }
    return KVBits(key: hasKeyBias ? max(8, plan.kvBits) : plan.kvBits, value: plan.kvBits)
  }
}
