import dataclasses

@dataclasses.dataclass
class Sample:
    mass: float
    tags: list[str]
