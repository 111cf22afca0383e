/// The mixes of block types that files are named by, from `general.file_type` (llama.cpp's `llama_ftype`).
public enum FileType {
  private static let names: [Int: String] = [
    0: "F32", 1: "F16", 2: "Q4_0", 3: "Q4_1", 7: "Q8_0", 8: "Q5_0", 9: "Q5_1", 10: "Q2_K", 11: "Q3_K_S",
    12: "Q3_K_M", 13: "Q3_K_L", 14: "Q4_K_S", 15: "Q4_K_M", 16: "Q5_K_S", 17: "Q5_K_M", 18: "Q6_K",
    19: "IQ2_XXS", 20: "IQ2_XS", 21: "Q2_K_S", 22: "IQ3_XS", 23: "IQ3_XXS", 24: "IQ1_S", 25: "IQ4_NL",
    26: "IQ3_S", 27: "IQ3_M", 28: "IQ2_S", 29: "IQ2_M", 30: "IQ4_XS", 31: "IQ1_M", 32: "BF16", 36: "TQ1_0",
    37: "TQ2_0", 38: "MXFP4", 39: "NVFP4", 40: "Q1_0", 41: "Q2_0",
  ]

  /// The number of the mix that files in one block type are named by; nil for types without one. Of K-quants'
  /// mixes it is the small one, in which most matrices have the type.
  public static func number(of type: BlockType) -> Int? {
    [type.name, type.name + "_S"].lazy.compactMap { name in names.first { $0.value == name }?.key }.first
  }

  /// The name of a file's mix, such as `Q4_K_M`; nil where the file does not say, and for bitnet.cpp's
  /// numbers, which mean other mixes elsewhere.
  public static func name(_ metadata: Metadata) -> String? {
    guard let number = try? metadata.integer("general.file_type"),
      (try? metadata.string("general.architecture"))??.hasPrefix("bitnet") != true
    else { return nil }
    return names[number]
  }
}
