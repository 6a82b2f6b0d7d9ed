"""Written by `groundspeed ops --stub`."""

from groundspeed.engines.choice import (
    EngineUnavailable as EngineUnavailable,
)
from groundspeed.engines.choice import (
    available as available,
)
from groundspeed.engines.choice import (
    settings as settings,
)
from groundspeed.engines.choice import (
    use as use,
)
from groundspeed.geometry import (
    GeometryColumn as GeometryColumn,
)
from groundspeed.geometry import (
    GeometryType as GeometryType,
)
from groundspeed.io import (
    ReadError as ReadError,
)
from groundspeed.io import (
    Table as Table,
)
from groundspeed.io import (
    read as read,
)
from groundspeed.io import (
    read_batches as read_batches,
)
from groundspeed.io import (
    write as write,
)
from groundspeed.operations.distances.directed_hausdorff_distance import (
    directed_hausdorff_distance as directed_hausdorff_distance,
)
from groundspeed.operations.distances.haversine_distance import (
    haversine_distance as haversine_distance,
)
from groundspeed.operations.joins.point_in_polygon import (
    point_in_polygon as point_in_polygon,
)
from groundspeed.operations.joins.point_in_polygon.prepared import (
    Prepared as Prepared,
)
from groundspeed.operations.joins.point_in_polygon.prepared import (
    prepare as prepare,
)
from groundspeed.operations.measurement.planar_measures import (
    area as area,
)
from groundspeed.operations.measurement.planar_measures import (
    bounds as bounds,
)
from groundspeed.operations.measurement.planar_measures import (
    is_ccw as is_ccw,
)
from groundspeed.operations.measurement.planar_measures import (
    length as length,
)
from groundspeed.operations.measurement.planar_measures import (
    num_points as num_points,
)

__version__: str
