"""The relation types every installation begins with. Managers may add others."""

RELATION_TYPES: dict[str, dict[str, str | bool]] = {
    "runs_on": {
        "name_en": "runs on", "name_zh": "运行于", "reverse_en": "carries", "reverse_zh": "承载",
        "impact": "backward", "is_acyclic": True,
    },
    "depends_on": {
        "name_en": "depends on", "name_zh": "依赖", "reverse_en": "is needed by", "reverse_zh": "被依赖于",
        "impact": "backward", "is_acyclic": False,
    },
    "part_of": {
        "name_en": "is part of", "name_zh": "属于", "reverse_en": "contains", "reverse_zh": "包含",
        "impact": "forward", "is_acyclic": True,
    },
    "connects_to": {
        "name_en": "is connected to", "name_zh": "连接到",
        "reverse_en": "is connected from", "reverse_zh": "被连接自",
        "impact": "none", "is_acyclic": False,
    },
    "uses": {
        "name_en": "uses", "name_zh": "使用", "reverse_en": "is used by", "reverse_zh": "被使用于",
        "impact": "backward", "is_acyclic": False,
    },
    "documents": {
        "name_en": "describes", "name_zh": "描述", "reverse_en": "is described by", "reverse_zh": "由…描述",
        "impact": "none", "is_acyclic": False,
    },
}  # fmt: skip
"""By code: how it reads forward and backward, whom a failure hits, and whether it may go in a circle."""
