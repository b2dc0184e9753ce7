import dataclasses, enum
import numpy as np
from pydantic import BaseModel, PositiveInt

class Size(enum.Enum):
    SMALL = 1
    LARGE = 2

class Order(BaseModel):
    count: PositiveInt
    size: Size

@dataclasses.dataclass
class Report:
    orders: list[Order]
    prices: np.ndarray
    note: str = ""
