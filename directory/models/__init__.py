"""Directory: the tables: listings in the words of HSDS 3, and what keeping them true needs."""

from directory.models.desk import (
    Batch,
    Claim,
    DeskNote,
    LikelyPair,
    MappedTerm,
    NotTheSame,
    OldAddress,
    Report,
    Sending,
    Thanks,
    Wish,
)
from directory.models.evidence import Enquiry, FieldCheck
from directory.models.imports import ImportRow, ImportRun
from directory.models.joining import GroupDraft, Photo
from directory.models.keeping import Assurance, Notice, ProposedChange
from directory.models.listing import (
    Accessibility,
    Attribute,
    Contact,
    CostOption,
    Language,
    ListingStep,
    Location,
    Phone,
    Schedule,
    SearchJob,
    Service,
    ServiceAtLocation,
    TaxonomyTerm,
)
from directory.models.meaning import ConceptEdit
from directory.models.packed import SearchArray, SearchState, SearchWord
from directory.models.visitors import DayCount, NotFoundCount, SharedList

__all__ = [
    "Accessibility",
    "Assurance",
    "Attribute",
    "Batch",
    "Claim",
    "ConceptEdit",
    "Contact",
    "CostOption",
    "DayCount",
    "DeskNote",
    "Enquiry",
    "FieldCheck",
    "GroupDraft",
    "ImportRow",
    "ImportRun",
    "Language",
    "LikelyPair",
    "ListingStep",
    "Location",
    "MappedTerm",
    "NotFoundCount",
    "NotTheSame",
    "Notice",
    "OldAddress",
    "Phone",
    "Photo",
    "ProposedChange",
    "Report",
    "Schedule",
    "SearchArray",
    "SearchJob",
    "SearchState",
    "SearchWord",
    "Sending",
    "Service",
    "ServiceAtLocation",
    "SharedList",
    "TaxonomyTerm",
    "Thanks",
    "Wish",
]
