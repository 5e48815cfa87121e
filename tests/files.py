"""Data files as the observing systems and services write them, made by the libraries they use."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import netCDF4
import numpy as np
import xarray

Attributes = dict[str, Any]


def write(
    path: Path,
    dimensions: dict[str, int | None],
    variables: dict[str, tuple[str, tuple[str, ...], Attributes]],
    form: str = "NETCDF4",
    **attributes: Any,
) -> bytes:
    """A netCDF file with these variables; the data stay empty."""
    with netCDF4.Dataset(path, "w", format=form) as data:
        data.setncatts(attributes)
        for name, size in dimensions.items():
            data.createDimension(name, size)
        for name, (kind, shape, stated) in variables.items():
            fill = stated.pop("_FillValue", None)
            data.createVariable(name, kind, shape, fill_value=fill).setncatts(stated)
    return path.read_bytes()


def flags(**more: Any) -> Attributes:
    return {
        "flag_values": np.array([0, 1, 4, 9], "i1"),
        "flag_meanings": "no_qc good bad missing",
        **more,
    }


def oceansites(path: Path, form: str = "NETCDF4") -> bytes:
    """A mooring as OceanSITES writes it."""
    at = ("TIME", "DEPTH")
    time = {"standard_name": "time", "units": "days since 1950-01-01T00:00:00Z", "axis": "T"}
    depth = {"standard_name": "depth", "units": "m", "positive": "down", "axis": "Z"}
    return write(
        path,
        {"TIME": None, "DEPTH": 3, "LATITUDE": 1},
        {
            "TIME": ("f8", ("TIME",), time),
            "DEPTH": ("f4", ("DEPTH",), depth),
            "LATITUDE": ("f4", ("LATITUDE",), {"units": "degrees_north"}),
            "TEMP": (
                "f4",
                at,
                {
                    "_FillValue": 99999.0,
                    "standard_name": "sea_water_temperature",
                    "units": "degree_Celsius",
                    "ancillary_variables": "TEMP_QC TEMP_UNC",
                    "valid_range": np.array([-2.5, 40.0], "f4"),
                },
            ),
            "TEMP_QC": ("i1", at, flags(long_name="quality flag of sea temperature")),
            "TEMP_UNC": ("f4", at, {"long_name": "uncertainty", "units": "degree_Celsius"}),
            "PSAL": (
                "f4",
                at,
                {"standard_name": "sea_water_practical_salinity", "units": "1"},
            ),
            "CNDC": (
                "f4",
                at,
                {"standard_name": "sea_water_electrical_conductivity", "units": "S m-1"},
            ),
            "UCUR": ("f4", at, {"standard_name": "eastward_sea_water_velocity", "units": "cm/s"}),
        },
        form,
        Conventions="CF-1.6 OceanSITES-1.3",
        title='The "deep"\nmooring, 100 %',
        platform_code="W1M3A",
        geospatial_vertical_min=6.0,
        geospatial_vertical_max=36.0,
    )


def argo(path: Path) -> bytes:
    """A profile file as Argo's data assembly centres write it."""
    levels = ("N_PROF", "N_LEVELS")
    found: dict[str, tuple[str, tuple[str, ...], Attributes]] = {
        "PLATFORM_NUMBER": ("S1", ("N_PROF", "STRING8"), {"long_name": "Float unique identifier"}),
        "CYCLE_NUMBER": ("i4", ("N_PROF",), {"long_name": "Float cycle number"}),
        "JULD": (
            "f8",
            ("N_PROF",),
            {
                "long_name": "Julian day (UTC) of the station relative to REFERENCE_DATE_TIME",
                "units": "days since 1950-01-01 00:00:00 UTC",
                "standard_name": "time",
                "axis": "T",
            },
        ),
        "JULD_QC": ("S1", ("N_PROF",), {"long_name": "Quality on date and time"}),
        "LATITUDE": ("f8", ("N_PROF",), {"units": "degree_north", "standard_name": "latitude"}),
    }
    long = {
        "PRES": ("Sea water pressure, equals 0 at sea-level", "decibar", "sea_water_pressure"),
        "TEMP": ("Sea temperature in-situ ITS-90 scale", "degree_Celsius", "sea_water_temperature"),
        "PSAL": ("Practical salinity", "psu", "sea_water_salinity"),
        "DOXY": (
            "Dissolved oxygen",
            "micromole/kg",
            "moles_of_oxygen_per_unit_mass_in_sea_water",
        ),
    }
    for name, (words, unit, standard) in long.items():
        stated = {"long_name": words, "units": unit, "standard_name": standard}
        axis = {"axis": "Z"} if name == "PRES" else {}
        found[name] = ("f4", levels, stated | axis)
        found[f"{name}_QC"] = ("S1", levels, {"long_name": "quality flag"})
        found[f"{name}_ADJUSTED"] = ("f4", levels, stated | axis)
        error = {"long_name": "Contains the error on the adjusted values", "units": unit}
        found[f"{name}_ADJUSTED_ERROR"] = ("f4", levels, error)
    return write(
        path,
        {"N_PROF": 1, "N_LEVELS": 71, "STRING8": 8},
        found,
        "NETCDF3_CLASSIC",
        title="Argo float vertical profile",
        source="Argo float",
        Conventions="Argo-3.1 CF-1.6",
    )


def model(path: Path) -> bytes:
    """A physics forecast as the Copernicus Marine Service delivers it, written by xarray."""
    shape = ("time", "depth", "latitude", "longitude")
    names = {
        "thetao": ("sea_water_potential_temperature", "degrees_C", shape),
        "so": ("sea_water_salinity", "1e-3", shape),
        "uo": ("eastward_sea_water_velocity", "m s-1", shape),
        "zos": ("sea_surface_height_above_geoid", "m", (shape[0], *shape[2:])),
        "mlotst": ("ocean_mixed_layer_thickness_defined_by_sigma_theta", "m", shape[2:]),
    }
    data = xarray.Dataset(
        {
            name: (dims, np.zeros([2] * len(dims), "f4"), {"standard_name": cf, "units": unit})
            for name, (cf, unit, dims) in names.items()
        },
        {
            "time": np.array(["2024-01-01", "2024-01-02"], "M8[ns]"),
            "depth": ("depth", [0.5, 1.5], {"units": "m", "positive": "down", "axis": "Z"}),
            "latitude": ("latitude", [40.0, 41.0], {"units": "degrees_north"}),
            "longitude": ("longitude", [4.0, 5.0], {"units": "degrees_east"}),
        },
        {"title": "daily mean fields", "source": "MERCATOR PSY4QV3R1"},
    )
    data.to_netcdf(path, engine="netcdf4")
    return path.read_bytes()


def satellite(path: Path) -> bytes:
    """An analysed sea-surface temperature as GHRSST writes it."""
    shape = ("time", "lat", "lon")
    return write(
        path,
        {"time": 1, "lat": 2, "lon": 2, "nv": 2},
        {
            "time": ("i4", ("time",), {"units": "seconds since 1981-01-01 00:00:00"}),
            "lat": ("f4", ("lat",), {"units": "degrees_north", "bounds": "lat_bnds"}),
            "lat_bnds": ("f4", ("lat", "nv"), {}),
            "lon": ("f4", ("lon",), {"units": "degrees_east"}),
            "crs": ("i4", (), {"grid_mapping_name": "latitude_longitude"}),
            "analysed_sst": (
                "i2",
                shape,
                {
                    "long_name": "analysed sea surface temperature",
                    "standard_name": "sea_surface_foundation_temperature",
                    "units": "kelvin",
                    "grid_mapping": "crs",
                    "ancillary_variables": "analysis_error mask wind_speed",
                },
            ),
            "analysis_error": (
                "i2",
                shape,
                {
                    "standard_name": "sea_surface_foundation_temperature standard_error",
                    "units": "kelvin",
                },
            ),
            "mask": (
                "i1",
                shape,
                {"flag_masks": np.array([1, 2], "i1"), "flag_meanings": "water land"},
            ),
            "wind_speed": ("i2", shape, {"standard_name": "wind_speed", "units": "m s-1"}),
        },
        platform="Aqua",
    )


def carbon(path: Path) -> bytes:
    """Bottle data of carbon, with the names of GLODAP's gridded files."""
    at = ("N",)
    unit = "micro-mol kg-1"
    return write(
        path,
        {"N": 4},
        {
            "TCO2": ("f4", at, {"long_name": "seawater dissolved inorganic carbon", "units": unit}),
            "TAlk": ("f4", at, {"long_name": "seawater alkalinity", "units": unit}),
            "oxygen": ("f4", at, {"long_name": "seawater dissolved oxygen", "units": unit}),
            "oxygen_flag": ("i1", at, {"long_name": "WOCE flag of oxygen"}),
            "TCO2_error": ("f4", at, {"long_name": "mapping error of TCO2", "units": unit}),
            "Input_N": ("i4", at, {"long_name": "number of data points", "units": "1"}),
        },
    )
